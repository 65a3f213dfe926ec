"""The sender's side: the headers of a genuine request, for tests and for programs that send in a vendor's place.

Each function returns a ``dict`` of names in lower case and values, which any HTTP client accepts. Secrets are ``str``
or ``bytes``.

Each raises a ``TypeError`` for an argument of another type, and a ``ValueError`` for a secret, user or name that no
receiver takes: a request with it would be refused as one with another secret is.
"""

from datetime import datetime

from hookseal import _native
from hookseal._words import SignatureEncoding

__all__ = ["benji", "benji_body_only", "benti", "benti_handshake", "bento_basic", "bento_bearer", "bento_header"]


def benji(
    salt: str | bytes,
    body: bytes,
    time: float | datetime | None = None,
    *,
    encoding: SignatureEncoding = "hex",
) -> dict[str, str]:
    """The headers of a Benji webhook: ``x-benji-timestamp``, and ``x-benji-signature`` of its value and the body.

    ``time`` is in seconds since 1970 or an aware datetime, and is cut to seconds. By default it is the time now.
    ``encoding`` is that of the signature: "hex", "base64" or "base64url". By default "hex".

    Raises a ``TypeError`` if the body is not ``bytes`` or the time is neither a number nor a datetime, and a
    ``ValueError`` for a secret that is empty or blank, a datetime without a zone, a time in milliseconds, and any
    other encoding.
    """
    return _native.sign_benji(salt, body, time, encoding)


def benji_body_only(
    salt: str | bytes,
    body: bytes,
    time: float | datetime | None = None,
    *,
    encoding: SignatureEncoding = "hex",
) -> dict[str, str]:
    """The headers of a Benji webhook in the older scheme.

    They are ``x-benji-signature`` of the body alone, and the unsigned ``x-webhook-datetime``. ``time`` (by
    default now) and ``encoding`` (by default "hex") are those of ``benji``. Raises what ``benji`` raises.
    """
    return _native.sign_benji_body_only(salt, body, time, encoding)


def benti(secret: str | bytes) -> dict[str, str]:
    """The header of a Benti (Inbenta) webhook: the secret itself.

    Raises a ``ValueError`` for a secret that no header can carry, such as one with a line break.
    """
    return _native.sign_benti(secret)


def benti_handshake(secret: str | bytes, challenge: str) -> dict[str, str]:
    """The headers of the ``GET`` with which Benti checks a new webhook.

    Raises a ``ValueError`` for a challenge that is not 1 to 256 visible ASCII characters, and for a secret that no
    header can carry.
    """
    return _native.sign_benti_handshake(secret, challenge)


def bento_basic(user: str, secret: str | bytes) -> dict[str, str]:
    """The header of a Bento request with Basic authentication.

    Raises a ``ValueError`` for a user with a colon, for a control character in the user or the secret, and for more
    than 1,024 bytes together.
    """
    return _native.sign_bento_basic(user, secret)


def bento_bearer(secret: str | bytes) -> dict[str, str]:
    """The header of a Bento request with a bearer token.

    Raises a ``ValueError`` for a secret that no header can carry, such as one with a line break.
    """
    return _native.sign_bento_bearer(secret)


def bento_header(name: str, secret: str | bytes) -> dict[str, str]:
    """The header of a Bento request with the secret in a header of your own.

    Raises a ``ValueError`` for a name that HTTP does not allow or that hookseal reads for another purpose, and for a
    secret that no header can carry.
    """
    return _native.sign_bento_header(name, secret)

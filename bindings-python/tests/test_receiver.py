"""The setup of a receiver, and the arguments of `receive`."""

import copy
import pickle
import re
import traceback
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

import hookseal
from hookseal import Key, Receiver, Rejection, sign
from samples import BENJI, BENJI_BODY, BENTI, BENTO, NOW, SALT, SECRET, benji, benji_headers, bento


def test_a_receiver_takes_a_secret_a_key_or_a_list() -> None:
    forms: list[Any] = [SALT, SALT.encode(), Key(SALT), [SALT], (SALT.encode(), "old"), [Key(SALT), "old"]]
    for keys in forms:
        assert Receiver.benji(keys).receive(benji_headers(), BENJI_BODY, now=NOW).key_id == "0"
    ring: list[str | Key] = ["old", Key(SALT, id="2026")]
    assert Receiver.benji(ring).receive(benji_headers(), BENJI_BODY, now=NOW).key_id == "2026"


def test_a_key_can_serve_several_receivers() -> None:
    key = Key(SALT, id="shared")
    for _ in range(2):
        assert Receiver.benji([key]).receive(benji_headers(), BENJI_BODY, now=NOW).key_id == "shared"


@pytest.mark.parametrize("secret", ["salt\n", " salt", "\ufeffsalt", '"salt"', b"'\xff'"])
def test_an_exact_key_takes_the_secret_as_it_is(secret: str | bytes) -> None:
    headers = sign.benji(secret, BENJI_BODY, NOW)
    for keys in (Key(secret, exact=True), [Key("other"), Key(secret, exact=True)]):
        assert Receiver.benji(keys).receive(headers, BENJI_BODY, now=NOW)
    with pytest.raises(ValueError, match="exact=True"):
        Receiver.benji(Key(secret, exact=False))
    # `repr` does not show `exact`, which would tell how the secret begins or ends.
    assert repr(Key(secret, exact=True)) == "Key()"


class Moving(datetime):
    """A time of the program that changes at each access."""

    later = 0

    def __sub__(self, other: Any) -> Any:
        Moving.later += 1_000
        return datetime.fromtimestamp(self.timestamp() + Moving.later, UTC) - other


def test_a_key_keeps_its_times_if_the_given_ones_change() -> None:
    given = Moving.fromtimestamp(NOW, UTC)
    key = Key(SALT, not_after=given)
    read = [key.not_after for _ in range(3)]
    assert read == [datetime.fromtimestamp(NOW + 1_000, UTC)] * 3
    assert {type(time) for time in read} == {datetime}
    assert read[0] is not read[1]


def test_a_key_is_valid_between_its_times() -> None:
    key = Key(SALT, not_before=NOW, not_after=datetime.fromtimestamp(NOW + 10, UTC))
    assert (key.not_before, key.not_after) == tuple(datetime.fromtimestamp(NOW + after, UTC) for after in (0, 10))
    receiver = Receiver.benji(key)
    for now, valid in ((NOW - 0.001, False), (NOW, True), (NOW + 10, True), (NOW + 10.001, False)):
        received = receiver.try_receive(benji_headers(), BENJI_BODY, now=now)
        assert isinstance(received, hookseal.Delivery if valid else hookseal.SignatureMismatch)


# The advice of the core, in the words of Python.
ADVICE = r"check how it was copied, .*; if this is part of the secret, pass Key\(secret, exact=True\)"
HALF = r"holds half of a surrogate pair, which os\.environ gives for bytes that are not UTF-8"
BYTES = r"use the bytes from os\.environb or os\.fsencode"
HALF_SECRETS = [
    make
    for half in ("\ud800", "k\udfff")
    for make in (
        lambda half=half: Key(half),
        lambda half=half: Key(half, exact=True),
        lambda half=half: Receiver.benji(half),
        lambda half=half: Receiver.benti(["a", half]),
        lambda half=half: Receiver.bento(bearer=half),
        lambda half=half: Receiver.bento(basic=("u", half)),
        lambda half=half: Receiver.bento(header=("x-a", half)),
        lambda half=half: sign.benji(half, b""),
        lambda half=half: sign.benji_body_only(half, b""),
        lambda half=half: sign.benti(half),
        lambda half=half: sign.bento_bearer(half),
    )
]


def basic(user: str, secret: str) -> Any:
    return Receiver.bento(basic=(user, Key(secret, exact=True)))


def own_header(name: str, secret: str) -> Any:
    return Receiver.bento(header=(name, secret))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Receiver.benji(""), "the secret is empty"),
        (lambda: Receiver.benji([]), "at least one key"),
        (lambda: Receiver.benji(["x"] * 17), "at most 16 keys"),
        (lambda: Receiver.benji([Key("a", id="k"), Key("b", id="k")]), "the same id"),
        (lambda: Receiver.benji(Key("a", not_before=2, not_after=1)), "not_after is before"),
        (lambda: Key("a", id=""), "a key's id must not be empty"),
        *((build, f"^the secret {HALF}: {BYTES}$") for build in HALF_SECRETS),
        (lambda: Key("a", id="2026\udfff"), f"^id {HALF}$"),
        (lambda: Receiver.bento(basic=("u\ud800", "a")), f"^the user {HALF}$"),
        (lambda: Receiver.bento(header=("x-\ud800", "a")), f"^the name of the header {HALF}$"),
        (lambda: sign.bento_basic("u\ud800", "a"), f"^the user {HALF}$"),
        (lambda: sign.bento_header("x-\ud800", "a"), f"^the name of the header {HALF}$"),
        (lambda: sign.benti_handshake("a", "c\ud800"), f"^the challenge {HALF}$"),
        (lambda: sign.benji("a", b"", encoding=wrong("hex\ud800")), f"encoding {HALF}$"),
        (
            lambda: Receiver.benji("a", signature_encoding=wrong("hex\ud800")),
            f"encoding {HALF}$",
        ),
        (lambda: Receiver.benji("a", window=wrong("off\ud800")), "window must be"),
        (lambda: Key("", exact=True), "the secret is empty"),
        (lambda: Key(" \r\n"), "nothing but white space, line breaks or NUL"),
        (lambda: Key(b"\0" * 16, exact=True), "nothing but white space, line breaks or NUL"),
        (lambda: Receiver.benji(str(None)), "the word None, which programs write for a missing value"),
        (lambda: Key("undefined", exact=True), "the word undefined"),
        (lambda: Receiver.benji("salt\n"), rf"^the secret ends with a line break \(U\+000A\): {ADVICE}$"),
        (lambda: Receiver.benji([Key("a"), Key("b ")]), rf"^the secret ends with a space \(U\+0020\): {ADVICE}$"),
        (
            lambda: Receiver.benti(b"\xef\xbb\xbfa"),
            rf"^the secret starts with a byte order mark \(U\+FEFF\): {ADVICE}$",
        ),
        (lambda: Receiver.bento(bearer="'a'"), rf"^the secret is enclosed in quotes \('\): {ADVICE}$"),
        (lambda: Receiver.bento(basic=("u", '"a"')), rf'^the secret is enclosed in quotes \("\): {ADVICE}$'),
        (lambda: Receiver.benti(Key("line\n", exact=True)), "no header can carry"),
        (lambda: sign.benti("null"), "the word null"),
        (lambda: Receiver.benji("a", max_body_bytes=0), "between 1 and 2147483648"),
        (lambda: Receiver.benji("a", max_body_bytes=-1), "between 1 and 2147483648"),
        (lambda: Receiver.benji("a", max_events=10**30), "between 1 and 2147483648"),
        (lambda: Receiver.benji("a", max_depth=128), "between 1 and 127"),
        (lambda: Receiver.benji("a", max_number_length=-(10**30)), "between 1 and 2147483648"),
        (lambda: Receiver.benji("a", source="no uri"), "URI reference"),
        (lambda: Receiver.benji("a", window=(-1, 0)), "window must be"),
        (lambda: Receiver.benji("a", window=(10**30, 0)), "window must be"),
        (lambda: Receiver.benji("a", window=wrong("on")), "window must be"),
        (lambda: Receiver.benji("a", signature_encoding=wrong("utf-8")), "encoding must be"),
        (
            lambda: Receiver.benji("a", require_signed_time=True, allow_missing_date=True),
            "require_signed_time and allow_missing_date contradict each other",
        ),
        (lambda: Receiver.benti("a", id_key=""), "id_key must have at least 32 bytes"),
        (lambda: Receiver.benti("a", id_key=b"k" * 31), "id_key must have at least 32 bytes"),
        (lambda: Receiver.bento(bearer="a", id_key="é" * 15 + "k"), "id_key must have at least 32 bytes"),
        (lambda: Receiver.benji("a", id_key="\ud800" * 32), f"^id_key {HALF}: {BYTES}$"),
        (lambda: Receiver.benji("a", source="\ud800"), f"^source {HALF}$"),
        (lambda: Receiver.benji("a", replay_policy=wrong("loose")), '"default", "strict", "none"'),
        (lambda: Receiver.benti("a", replay_policy=wrong("")), '"default", "strict", "none"'),
        (lambda: Receiver.benji("a", replay_retention_seconds=0), "between 1 and 4294967295"),
        (lambda: Receiver.benji("a", replay_retention_seconds=-(10**30)), "between 1 and 4294967295"),
        (lambda: Receiver.bento(bearer="a", replay_retention_seconds=2**32), "between 1 and 4294967295"),
        (lambda: Receiver.benti("a", utc_offset_minutes=10**6), "between -1439 and 1439"),
        (lambda: Receiver.bento(**wrong({})), "exactly one of"),
        (lambda: Receiver.bento(**wrong({"bearer": "a", "header": ("x-a", "a")})), "exactly one of"),
        # A request that is signed with what a receiver refuses would be refused as if it had another secret.
        *((lambda make=make: make("a:b", "a"), "colon") for make in (basic, sign.bento_basic)),
        *((lambda make=make: make("u", "p\n"), "a line break") for make in (basic, sign.bento_basic)),
        *((lambda make=make: make("u", "p" * 1_024), "at most 1024 bytes") for make in (basic, sign.bento_basic)),
        *(
            (lambda make=make, name=name: make(name, "a"), "HTTP token")
            for make in (own_header, sign.bento_header)
            for name in ("x a", "", "authorization", "content-length")
        ),
        *(
            (lambda make=make, text=text: make(text), "which no header can carry")
            for make in (
                sign.benti,
                sign.bento_bearer,
                lambda secret: sign.benti_handshake(secret, "a"),
                lambda secret: sign.bento_header("x-a", secret),
            )
            for text in ("a\nb", " a", b"a\0")
        ),
        *(
            (
                lambda text=text: sign.benti_handshake("a", text),
                "the challenge must be 1 to 256 visible ASCII characters",
            )
            for text in ("", "a b", "é", "a" * 257, "a\n")
        ),
    ],
)
def test_a_wrong_setup_is_a_value_error(build: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as raised:
        build()
    # An exception that holds the text could show a secret in a log.
    assert type(raised.value) is ValueError


@pytest.mark.parametrize(
    "build",
    [
        lambda: Receiver.benji(wrong(None)),
        lambda: Receiver.benji([wrong(1)]),
        lambda: Receiver.benji(wrong(bytearray(b"a"))),
        lambda: Key(wrong(1)),
        lambda: Key("a", id=wrong(1)),
        lambda: Key("a", exact=wrong("yes")),
        lambda: Key("a", not_before=wrong("today")),
        lambda: Receiver.benji("a", window=wrong(300)),
        lambda: Receiver.benji("a", window=wrong((1.5, 2))),
        lambda: Receiver.benji("a", window=(True, 300)),
        lambda: Receiver.benti("a", window=(300, False)),
        lambda: Receiver.benji("a", window=wrong([300, 300])),
        lambda: Receiver.benji("a", max_body_bytes=True),
        lambda: Receiver.benji("a", max_events=True),
        lambda: Receiver.benji("a", max_depth=True),
        lambda: Receiver.benti("a", max_number_length=True),
        lambda: Receiver.bento(bearer="a", replay_retention_seconds=True),
        lambda: Receiver.benti("a", utc_offset_minutes=False),
        lambda: Key("a", not_before=True),
        lambda: Key("a", not_after=False),
        lambda: sign.benji("a", b"", True),
        lambda: sign.benji_body_only("a", b"", True),
        lambda: Receiver.benji("a", max_events=wrong("7")),
        lambda: Receiver.benji("a", require_signed_time=wrong("yes")),
        lambda: Receiver.benti("a", **wrong({"require_signed_time": True})),
        lambda: Receiver.bento(bearer="a", **wrong({"allow_missing_date": True})),
        lambda: Receiver.benti("a", id_key=wrong(7)),
        lambda: Receiver.benti("a", id_key=wrong(bytearray(b"k" * 32))),
        lambda: Receiver.benti("a", id_key=wrong(["k" * 32])),
        lambda: Receiver.benji("a", replay_policy=wrong(1)),
        lambda: Receiver.benji("a", replay_policy=wrong(b"strict")),
        lambda: Receiver.bento(bearer="a", replay_retention_seconds=wrong("7")),
        lambda: Receiver.bento(bearer="a", replay_retention_seconds=wrong(1.5)),
        lambda: Receiver.benji("a", source=wrong(b"urn:a")),
        lambda: Receiver.benji("a", **wrong({"unknown": 1})),
        lambda: Receiver.benti("a", **wrong({"unknown": None})),
        lambda: Receiver.bento(bearer="a", **wrong({"window": "off"})),
        lambda: Receiver.bento(basic=wrong("a")),
        lambda: wrong(Receiver)(),
    ],
)
def test_a_wrong_type_is_a_type_error(build: Any) -> None:
    with pytest.raises(TypeError):
        build()


UNSET = "not None: check that its environment variable is set"
COMMON = (
    "max_body_bytes, max_events, max_depth, max_number_length, source, id_key, replay_policy,"
    " replay_retention_seconds"
)


BODY_IS = "body must be bytes, exactly as they are sent; the time, if any, comes after it"
TIME_IS = "time must be a number of seconds since 1970 or an aware datetime"
FLAGS = [
    (Receiver.benji, "require_signed_time"),
    (Receiver.benji, "allow_missing_date"),
    (Receiver.benti, "allow_unsigned_handshake"),
    (lambda key, **options: Receiver.bento(bearer=key, **options), "require_event_or_email"),
    (Key, "exact"),
]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        *(
            (build, "id_key is None: check that its environment variable is set, or leave the option out")
            for build in (
                lambda: Receiver.benji("a", id_key=wrong(None)),
                lambda: Receiver.benti("a", id_key=wrong(None)),
                lambda: Receiver.bento(bearer="a", id_key=wrong(None)),
            )
        ),
        *(
            (build, f"keys must be a secret (str or bytes), a Key, or a list of these, {UNSET}")
            for build in (
                lambda: Receiver.benji(wrong(None)),
                lambda: Receiver.benti(["a", wrong(None)]),
                lambda: Receiver.bento(basic=("u", wrong(None))),
            )
        ),
        (lambda: Key(wrong(None)), f"the secret must be str or bytes, {UNSET}"),
        (lambda: sign.benti(wrong(None)), f"the secret must be str or bytes, {UNSET}"),
        (
            lambda: Receiver.benji("a", **wrong({"unknown": 1})),
            '"unknown" is not an option of this receiver: it has window, signature_encoding, require_signed_time,'
            f" allow_missing_date, {COMMON}",
        ),
        (
            lambda: Receiver.benti("a", **wrong({"allow_missing_date": True})),
            '"allow_missing_date" is an option of Receiver.benji and not an option of this receiver: it has window,'
            " utc_offset_minutes,"
            f" allow_unsigned_handshake, {COMMON}",
        ),
        (
            lambda: Receiver.bento(bearer="a", **wrong({"window": "off"})),
            '"window" is an option of Receiver.benji and Receiver.benti and not an option of this receiver: it has'
            f" basic, bearer, header, require_event_or_email, {COMMON}",
        ),
        *(
            (lambda given=given: Receiver.bento(basic=wrong(given)), "basic must be a tuple of two: (user, keys)")
            for given in ({"user": "a", "keys": "b"}, "ab", "user:key", ["u", "k"], ("u",), ("u", "k", "x"))
        ),
        *(
            (lambda given=given: Receiver.bento(header=wrong(given)), "header must be a tuple of two: (name, keys)")
            for given in ({"x-a": "b"}, "x-a")
        ),
        (lambda: Receiver.bento(basic=wrong((None, "a"))), f"the user must be str, {UNSET}"),
        (lambda: Receiver.bento(header=wrong((None, "a"))), f"the name of the header must be str, {UNSET}"),
        (lambda: Receiver.bento(basic=wrong((b"u", "a"))), "the user must be str"),
        *(
            (lambda sign=sign, given=given: sign("a", wrong(given)), BODY_IS)
            for sign in (sign.benji, sign.benji_body_only)
            for given in ("text", {"event": "a"}, None, bytearray(b"{}"))
        ),
        # A time in the wrong place. Signed with the time now, a test of staleness would test nothing.
        *(
            (lambda sign=sign: sign("a", wrong(NOW), wrong(b"{}")), BODY_IS)
            for sign in (sign.benji, sign.benji_body_only)
        ),
        *(
            (lambda sign=sign, given=given: sign("a", b"{}", wrong(given)), TIME_IS)
            for sign in (sign.benji, sign.benji_body_only)
            for given in ("2026-03-04T05:06:07Z", {"time": NOW}, True, b"{}", [NOW])
        ),
        (lambda: wrong(sign.benji)("a", b"{}", now=NOW), "benji() got an unexpected keyword argument 'now'"),
        (lambda: wrong(sign.benti)("a", NOW), "benti() takes 1 positional argument but 2 were given"),
        *(
            (
                lambda make=make, keys=keys: make(*keys),
                "keys is the only argument without a name: pass several keys as a list, and options by their names",
            )
            for make in (
                lambda *keys: wrong(Receiver.benji)(*keys),
                lambda *keys: wrong(Receiver.benti)(*keys),
                lambda *keys: Receiver.benji(*keys[:1], **wrong({"keys": keys[0]})),
            )
            for keys in (("new", "old"), ("new", (300, 300), "hex"))
        ),
        *(
            (
                lambda make=make, options=options: wrong(make)(**options),
                "keys, the first argument, is missing: pass a secret (str or bytes), a Key, or a list of these",
            )
            for make in (Receiver.benji, Receiver.benti)
            for options in ({}, {"salt": "a"})
        ),
        *(
            (
                lambda given=given: wrong(Receiver.bento)(*given),
                "there is no argument without a name: pass basic=(user, keys), bearer=keys or header=(name, keys)",
            )
            for given in (("token",), ("user", "key"))
        ),
        (lambda: sign.benti_handshake("a", wrong(NOW)), "the challenge must be str"),
        (lambda: sign.benti_handshake("a", wrong(None)), "the challenge must be str"),
        (lambda: sign.bento_basic(wrong(None), "a"), f"the user must be str, {UNSET}"),
        (lambda: sign.bento_header(wrong(7), "a"), "the name of the header must be str"),
        *(
            (
                lambda make=make, name=name, given=given: make("a", **wrong({name: given})),
                f"{name} must be True or False",
            )
            for make, name in FLAGS
            for given in (1, 0, "yes", None)
        ),
        (lambda: benji()[0].to_dict(exact_numbers=wrong(1)), "exact_numbers must be True or False"),
        *(
            (make, "call one of Receiver.benji, Receiver.benti, Receiver.bento")
            for make in (lambda: Receiver(wrong(SALT)), lambda: Receiver(vendor=wrong("benji")), lambda: Receiver())
        ),
        *(
            (
                lambda check=check, given=given: check(wrong(given)),
                f"headers must be a mapping or an iterable of pairs, not {name}",
            )
            for check in (lambda given: BENJI.receive(given, b"{}"), BENJI.check_head)
            for given, name in (
                (7, "int"),
                (None, "None"),
                ("x-a: b", "str"),
                (b"x-a: b", "bytes"),
                (object(), "object"),
            )
        ),
        *(
            (lambda check=check, given=given: check(wrong(given)), f"method must be str, not {name}")
            for check in (
                lambda given: BENJI.receive({}, b"{}", method=given),
                lambda given: BENJI.try_receive({}, b"{}", method=given),
                lambda given: BENJI.check_head({}, method=given),
            )
            for given, name in ((b"POST", "bytes"), (7, "int"), (None, "None"))
        ),
    ],
)
def test_a_type_error_says_what_to_do(build: Any, message: str) -> None:
    with pytest.raises(TypeError) as raised:
        build()
    assert str(raised.value) == message


def test_the_error_for_credentials_that_are_none_names_the_environment_variable() -> None:
    with pytest.raises(ValueError, match=r"basic, bearer and header, .* check that its environment variable is set"):
        Receiver.bento(**wrong({"bearer": None}))


ID_KEY = "id-key-0123456789abcdef0123456789"
OPTIONS: dict[str, Any] = {
    "max_body_bytes": 4_096,
    "max_events": 7,
    "max_depth": 7,
    "max_number_length": 7,
    "source": "urn:a",
    "id_key": ID_KEY,
    "replay_policy": "strict",
    "replay_retention_seconds": 7,
}


@pytest.mark.parametrize("name", OPTIONS)
def test_every_vendor_has_the_option(name: str) -> None:
    for value in (OPTIONS[name], None) if name != "id_key" else (OPTIONS[name],):
        Receiver.benji("a", **wrong({name: value}))
        Receiver.benti("a", **wrong({name: value}))
        Receiver.bento(bearer="a", **wrong({name: value}))
        assert name in (Receiver.__doc__ or "")
    with pytest.raises((TypeError, ValueError), match=name if name != "source" else "source must be"):
        Receiver.benji("a", **wrong({name: object()}))


def wrong(value: Any) -> Any:
    """Returns the value as `Any`, to hide a mistake from the type checker."""
    return value


@pytest.mark.parametrize(
    "now",
    [
        NOW,
        int(NOW),
        Decimal(NOW),
        datetime.fromtimestamp(NOW, UTC),
        datetime.fromtimestamp(NOW, timezone(timedelta(hours=-9))),
    ],
)
def test_the_time_can_be_given_as_seconds_or_as_an_aware_datetime(now: Any) -> None:
    assert BENJI.receive(benji_headers(), BENJI_BODY, now=now).time == datetime.fromtimestamp(NOW, UTC)


def test_the_systems_clock_is_the_default() -> None:
    assert isinstance(BENJI.try_receive(benji_headers(), BENJI_BODY), hookseal.Stale | hookseal.FromTheFuture)
    assert BENJI.receive(sign.benji(SALT, BENJI_BODY), BENJI_BODY)


@pytest.mark.parametrize(
    "now",
    [
        float("nan"),
        float("inf"),
        -float("inf"),
        NOW * 1000,
        1e11,
        10**400,
        -1e11,
        -9e10,
        datetime.fromtimestamp(NOW, UTC).replace(tzinfo=None),
    ],
)
def test_an_implausible_time_is_a_value_error(now: Any) -> None:
    with pytest.raises(ValueError, match="now must"):
        BENJI.receive(benji_headers(), BENJI_BODY, now=now)


@pytest.mark.parametrize("now", [True, "1772600767", b"1", object()])
def test_a_time_of_another_type_is_a_type_error(now: Any) -> None:
    with pytest.raises(TypeError, match="now must"):
        BENJI.receive(benji_headers(), BENJI_BODY, now=now)


def test_the_header_of_benjis_date_decides_the_scheme() -> None:
    old, new = sign.benji_body_only(SALT, BENJI_BODY, NOW), benji_headers()
    assert [*old, *new] == ["x-benji-signature", "x-webhook-datetime", "x-benji-signature", "x-benji-timestamp"]
    assert BENJI.receive(old, BENJI_BODY, now=NOW).assurance.time == "unsigned"
    assert BENJI.receive(new, BENJI_BODY, now=NOW).assurance.time == "signed"
    for mixed in ({**new, "x-benji-signature": old["x-benji-signature"]}, {**new, **old}):
        rejection = BENJI.try_receive(mixed, BENJI_BODY, now=NOW)
        assert isinstance(rejection, hookseal.SignatureMismatch)
        assert "x-benji-timestamp" in rejection.message
    # If both dates are present, the signed one counts and the other is not read.
    both = [*new.items(), *[("x-webhook-datetime", "no date")] * 2]
    assert BENJI.receive(both, BENJI_BODY, now=NOW).assurance.time == "signed"


def test_a_signed_time_can_be_required() -> None:
    receiver = Receiver.benji(SALT, require_signed_time=True)
    assert receiver.receive(benji_headers(), BENJI_BODY, now=NOW)
    receiver.check_head(benji_headers())
    old = sign.benji_body_only(SALT, BENJI_BODY, NOW)
    BENJI.check_head(old)
    with pytest.raises(hookseal.MissingTimestamp, match="x-benji-timestamp"):
        receiver.receive(old, BENJI_BODY, now=NOW)
    with pytest.raises(hookseal.MissingTimestamp, match="x-benji-timestamp"):
        receiver.check_head(old)


@pytest.mark.parametrize("encoding", ["hex", "base64", "base64url"])
def test_both_schemes_are_signed_in_every_encoding(encoding: Any) -> None:
    receiver = Receiver.benji(SALT, signature_encoding=encoding)
    time = datetime.fromtimestamp(NOW, UTC)
    for made in (sign.benji, sign.benji_body_only):
        assert receiver.receive(made(SALT.encode(), BENJI_BODY, time, encoding=encoding), BENJI_BODY, now=NOW)
    with pytest.raises(ValueError, match="encoding must be"):
        sign.benji_body_only(SALT, BENJI_BODY, NOW, encoding=wrong("utf-8"))


@pytest.mark.parametrize("method", ["GET", "post", "", "\ud800"])
def test_benji_and_bento_accept_only_post(method: str) -> None:
    received = BENJI.try_receive(benji_headers(), BENJI_BODY, method=method, now=NOW)
    assert isinstance(received, hookseal.MethodNotAllowed)
    assert received.headers == {"allow": "POST"}


def test_a_refusal_is_raised_or_returned() -> None:
    with pytest.raises(hookseal.SignatureMismatch) as raised:
        BENJI.receive(benji_headers(), b"{}", now=NOW)
    returned = BENJI.try_receive(benji_headers(), b"{}", now=NOW)
    for rejection in (raised.value, returned):
        assert isinstance(rejection, hookseal.Rejection)
        assert (rejection.code, rejection.status, rejection.headers) == ("signature_mismatch", 401, {})
        assert rejection.message == str(rejection) != ""


MARK = "q7Zx"


@pytest.mark.parametrize(
    ("headers", "body", "told"),
    [
        ({"x-benji-signature": MARK, "x-benji-timestamp": MARK}, b"", []),
        ({"x-benji-signature": MARK * 16, "x-benji-timestamp": MARK}, b"", []),
        ({"x-benji-signature": f"{MARK}, {MARK}", "x-benji-timestamp": "1772600767"}, b"", []),
        ({"content-encoding": MARK, **benji_headers()}, BENJI_BODY, []),
        ({**benji_headers(), "x-benji-timestamp": MARK}, BENJI_BODY, []),
        (benji_headers(), BENJI_BODY + MARK.encode(), []),
        (benji_headers(MARK.encode()), MARK.encode(), []),
        (sign.benji(SALT, BENJI_BODY, NOW - 412), BENJI_BODY, ["412", "300"]),
        (sign.benji(SALT, BENJI_BODY, NOW + 365), BENJI_BODY, ["365", "300"]),
        (sign.benji_body_only(SALT, BENJI_BODY, NOW - 413), BENJI_BODY, ["413", "300"]),
    ],
)
def test_a_message_tells_only_the_age_of_a_request(headers: dict[str, str], body: bytes, told: list[str]) -> None:
    rejection = BENJI.try_receive(headers, body, now=NOW)
    assert isinstance(rejection, hookseal.Rejection)
    assert MARK.lower() not in rejection.message.lower()
    if told:
        assert re.findall(r"\d+", rejection.message) == told
    # Only these two codes tell an age, as the documentation says.
    assert (rejection.code in ("stale", "from_the_future")) == bool(told)
    documented = " ".join((hookseal.Rejection.__doc__ or "").split())
    assert "A message does tell the age of a request that is ``stale`` or ``from_the_future``" in documented


def test_every_code_has_its_class() -> None:
    classes = hookseal.Rejection.__subclasses__()
    assert len({rejection.code for rejection in classes}) == len(classes) == 15
    for rejection in classes:
        words = "".join(word.title() for word in rejection.code.split("_"))
        assert getattr(hookseal, words) is rejection
        assert words in dir(hookseal)


def test_a_malformed_payload_has_its_place() -> None:
    body = b'{"event":"x",\n "entity_id": 1.5}'
    rejection = BENJI.try_receive(benji_headers(body), body, now=NOW)
    assert isinstance(rejection, hookseal.MalformedPayload)
    assert (rejection.line, rejection.column, rejection.path) == (2, 15, "/entity_id")


def test_a_head_is_checked_before_the_body() -> None:
    BENJI.check_head(benji_headers())
    with pytest.raises(hookseal.MissingSignature):
        BENJI.check_head({})
    with pytest.raises(hookseal.MethodNotAllowed):
        BENJI.check_head(benji_headers(), method="GET")
    for malformed in ("", "\u0100"):
        with pytest.raises(hookseal.MalformedTimestamp):
            BENJI.check_head({**benji_headers(), "x-benji-timestamp": malformed})
    with pytest.raises(hookseal.RepeatedHeader):
        BENJI.check_head([*benji_headers().items(), ("X-Benji-Timestamp", "x")])
    for length in ("content-length", b"Content-Length"):
        with pytest.raises(hookseal.PayloadTooLarge):
            BENJI.check_head([*benji_headers().items(), (length, str(BENJI.body_limit + 1))])
    with pytest.raises(hookseal.MissingSignature) as raised:
        BENTO.check_head({})
    assert raised.value.headers == {"www-authenticate": "Bearer"}


def test_a_receiver_shows_its_vendor_and_its_limit() -> None:
    assert [(receiver.vendor, receiver.body_limit) for receiver in (BENJI, BENTI, BENTO)] == [
        ("benji", 65_536),
        ("benti", 1_048_576),
        ("bento", 4_194_304),
    ]


def test_a_handshake_holds_the_answer_for_benti() -> None:
    reply = BENTI.receive(sign.benti_handshake(SECRET, "c4f1e7d2"), b"", method="GET", now=NOW)
    assert isinstance(reply, hookseal.Handshake)
    assert (reply.status, reply.body) == (200, "c4f1e7d2")
    assert reply.headers == {
        "content-type": "text/plain",
        "x-inbenta-challenge": "c4f1e7d2",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    assert repr(reply) == "Handshake()"


def test_objects_with_secrets_or_content_cannot_be_pickled_or_copied() -> None:
    handshake = BENTI.receive(sign.benti_handshake(SECRET, "c4f1e7d2"), b"", method="GET", now=NOW)
    delivery = benji()
    named = Receiver.benji(SALT, id_key=ID_KEY)
    elements = b'{"events":[{"type":"$a","email":"a@example.com"},{"type":7}]}'
    malformed = bento(elements).malformed[0]
    advice = {
        BENJI: "a Receiver cannot be pickled or copied: it holds secrets; make one in each process",
        named: "a Receiver cannot be pickled or copied: it holds secrets; make one in each process",
        Key(SALT): "a Key cannot be pickled or copied: it holds a secret; make it in each process",
        delivery: f"a Delivery cannot be pickled or copied: {CONTENT} delivery.to_record()",
        delivery[
            0
        ]: f"an Event cannot be pickled or copied: {CONTENT} delivery.to_record() and event.index, by which "
        "it finds the event: next(e for e in recorded if e.index == index)",
        delivery[0].subject: "a Subject cannot be pickled or copied: store its entity and id",
        delivery.assurance: "an Assurance cannot be pickled or copied: store its body, time and name",
        malformed: "a Malformed cannot be pickled or copied: store its index, path and message",
        iter(delivery): "an iterator of events cannot be pickled or copied: make a new one from the delivery",
        handshake: "a Handshake cannot be pickled or copied: send its status, headers and body",
    }
    for thing, message in advice.items():
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError) as raised:
                attempt(thing)
            assert str(raised.value) == message


CONTENT = "it holds a request's content and never changes; threads can share it, and another process gets"


@pytest.mark.parametrize("again", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_a_rejection_can_be_pickled_and_copied(again: Any) -> None:
    body = b'{"event":"x",\n "entity_id": 1.5}'
    rejections = [
        BENJI.try_receive(benji_headers(body), body, now=NOW),
        BENJI.try_receive({}, b"", now=NOW, method="PUT"),
        Receiver.bento(basic=("u", "secret")).try_receive({}, b"", now=NOW),
    ]
    for rejection in rejections:
        assert isinstance(rejection, hookseal.Rejection)
        copied = again(rejection)
        assert type(copied) is type(rejection)
        for name in ("message", "code", "status", "headers", "line", "column", "path"):
            assert getattr(copied, name, None) == getattr(rejection, name, None)
    assert [dict(again(rejection).headers) for rejection in rejections[1:]] == [
        {"allow": "POST"},
        {"www-authenticate": 'Basic realm="webhook", charset="UTF-8"'},
    ]
    places = again(rejections[0])
    assert (places.line, places.column, places.path) == (2, 15, "/entity_id")


def test_secrets_are_not_shown() -> None:
    assert repr(Key(SALT)) == "Key()"
    assert repr(Key(SALT, id="2026")) == 'Key(id="2026")'
    assert repr(BENJI) == repr(Receiver.benji(SALT, id_key=ID_KEY)) == "Receiver(benji)"
    assert not hasattr(Key(SALT), "secret")
    assert not hasattr(Receiver.benji(SALT, id_key=ID_KEY), "id_key")
    with pytest.raises(ValueError, match="at least 32 bytes") as raised:
        Receiver.benji(SALT, id_key=ID_KEY[:31])
    assert ID_KEY[:31] not in repr(raised.value)
    with pytest.raises(ValueError, match="surrogate") as raised:
        Receiver.benji(SALT, id_key=ID_KEY + "\ud800")
    assert ID_KEY not in "".join(traceback.format_exception(raised.value, chain=True, limit=0))


def test_receivers_and_keys_are_frozen() -> None:
    for thing, name in ((BENJI, "vendor"), (Key("a"), "id"), (BENJI, "new")):
        with pytest.raises(AttributeError):
            setattr(thing, name, "x")


def test_a_receiver_can_be_annotated_with_the_type_of_its_results() -> None:
    annotated: hookseal.Receiver[hookseal.Delivery] = BENJI
    assert hookseal.Receiver[hookseal.Delivery].__origin__ is hookseal.Receiver  # type: ignore[attr-defined]
    assert annotated is BENJI


def test_a_mismatch_has_a_hint_only_if_a_key_fits_that_is_not_valid_now() -> None:
    receiver = Receiver.benji([Key("old", not_after=NOW - 1), "another"])

    def refused(salt: str) -> Rejection:
        rejection = receiver.try_receive(sign.benji(salt, BENJI_BODY, NOW), BENJI_BODY, now=NOW)
        assert isinstance(rejection, Rejection)
        return rejection

    old, wrong = refused("old"), refused("a third")
    assert old.hint is not None
    assert old.hint.startswith("a key fits, but is not valid now: check its not_before and not_after")
    assert wrong.hint is None
    assert (old.code, old.message, old.headers) == (wrong.code, wrong.message, wrong.headers)
    with pytest.raises(Rejection) as raised:
        receiver.receive(sign.benji("old", BENJI_BODY, NOW), BENJI_BODY, now=NOW)
    assert raised.value.hint == old.hint


def test_a_rejection_names_the_receiver_that_refused() -> None:
    one = Receiver.benti("a", source="urn:example:one")
    other = Receiver.bento(bearer="a")
    for receiver, vendor, source in ((one, "benti", "urn:example:one"), (other, "bento", "urn:hookseal:bento")):
        rejection = receiver.try_receive({}, b"{}")
        assert isinstance(rejection, Rejection)
        with pytest.raises(Rejection) as received:
            receiver.receive({}, b"{}")
        with pytest.raises(Rejection) as of_head:
            receiver.check_head({}, method="PUT")
        for told in (rejection, received.value, of_head.value):
            assert (told.vendor, told.source) == (vendor, source)


def test_keys_near_their_end_are_named() -> None:
    fraction: Any = 1.5
    keys = [Key("a", id="endless"), Key("b", id="ended", not_after=NOW - 1), Key("c", not_after=NOW + 10)]
    for receiver in (Receiver.benji(keys), Receiver.benti(keys), Receiver.bento(bearer=keys)):
        assert receiver.expiring(NOW, 0) == receiver.expiring(NOW, 9) == ["ended"]
        assert receiver.expiring(datetime.fromtimestamp(NOW, UTC), 10) == ["ended", "2"]
        assert receiver.expiring(NOW, 2**80) == ["ended", "2"]
    assert receiver.expiring(None, 0) == ["ended", "2"]
    with pytest.raises(ValueError, match="within must not be negative"):
        receiver.expiring(NOW, -1)
    with pytest.raises(TypeError, match="within must be an integer"):
        receiver.expiring(NOW, fraction)

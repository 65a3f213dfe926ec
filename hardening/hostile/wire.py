"""Makes requests as bytes."""

import email.utils
import hashlib
import hmac

from target import Target

SALT = "the salt of the attacked"
GENUINE = b'{"event":"reward_transaction_updated","entity":3,"entity_id":243}'
WRONG = "ab" * 32


def head(target: Target, *fields: str, signature: str | None = WRONG, method: str = "POST") -> bytes:
    lines = [f"{method} {target.path} HTTP/1.1", "Host: localhost", f"X-Webhook-Datetime: {email.utils.formatdate(usegmt=True)}"]
    if signature is not None:
        lines.append(f"X-Benji-Signature: {signature}")
    return "\r\n".join([*lines, *fields, "", ""]).encode()


def with_length(target: Target, body: bytes, *fields: str, signature: str | None = WRONG) -> bytes:
    return head(target, f"Content-Length: {len(body)}", *fields, signature=signature) + body


def genuine(target: Target, *fields: str) -> bytes:
    signature = hmac.new(SALT.encode(), GENUINE, hashlib.sha256).hexdigest()
    return with_length(target, GENUINE, *fields, signature=signature)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


CHUNKED = "Transfer-Encoding: chunked"
CLOSE = "Connection: close"
END = b"0\r\n\r\n"

"""Benji (core/docs/benji.md): method, encoding, size, signature, keys, and the order of these checks."""

import hashlib
from base64 import b64encode, urlsafe_b64encode

from .vector import ABSENT, Benji, base64_text, key, mac

# The base64 of this body's MAC contains `+` and `/`, so it differs between the two alphabets.
BOTH_ALPHABETS = '{"event":"reward_transaction_updated","entity":3,"entity_id":8}'


def vectors():
    yield from methods_and_encodings()
    yield from sizes()
    yield from signatures_read()
    yield from signatures_malformed()
    yield from signatures_that_differ()
    yield from header_fields()
    yield from key_rings()
    yield from secrets()
    yield from order_of_checks()


def standard(data):
    return b64encode(data).decode()


def url_safe(data):
    return urlsafe_b64encode(data).decode()


def methods_and_encodings():
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        about = f"{method} is refused: the answer names POST as the allowed method."
        yield Benji(f"method/{method.lower()}", about, method=method).refused("method_not_allowed")
    about = "Methods are case-sensitive: `post` is not POST."
    yield Benji("method/post_lower_case", about, method="post").refused("method_not_allowed")

    def encoded(name, about, *values):
        return Benji(f"encoding/{name}", about, more=[("Content-Encoding", value) for value in values])

    yield encoded("identity", "A Content-Encoding of identity changes nothing.", "identity").accepted()
    yield encoded("identity_any_case", "`identity` is read in any case.", "Identity").accepted()
    yield encoded("identity_in_white_space", "White space around identity is not part of it.", " identity\t").accepted()
    refused = "the signed bytes are unknown."
    yield encoded("gzip", f"A gzip body is refused: {refused}", "gzip").refused("unsupported_content_encoding")
    yield encoded("brotli", f"A brotli body is refused: {refused}", "br").refused("unsupported_content_encoding")
    yield encoded("empty", "An empty Content-Encoding is not identity.", "").refused("unsupported_content_encoding")
    about = "A list of identities is not split, so it is not identity."
    yield encoded("identity_twice_in_one_field", about, "identity, identity").refused("unsupported_content_encoding")
    about = "Two Content-Encoding fields are a repeated header, even when both say identity."
    yield encoded("two_fields", about, "identity", "identity").refused("repeated_header")

    def typed(name, about, *values):
        signature = mac(Benji.SALT, Benji.SAMPLE).hex()
        vector = Benji(f"content_type/{name}", about, more=[("content-type", value) for value in values])
        vector.headers = [["x-benji-signature", signature], ["x-webhook-datetime", Benji.DATE], *vector.headers[3:]]
        return vector

    yield typed("absent", "A request without a Content-Type is accepted.").accepted()
    yield typed("text_plain", "The Content-Type is not read: the body is JSON whatever it says.",
                "text/plain").accepted()
    about = "Two Content-Type fields do not matter, since none is read."
    yield typed("two_fields", about, "application/json", "text/plain").accepted()


def sizes():
    size = len(Benji.SAMPLE)
    about = "A body of exactly max_body_bytes is read."
    yield Benji("size/exactly_the_limit", about, options={"max_body_bytes": size}).accepted()
    about = "A body one byte over max_body_bytes is refused."
    yield Benji("size/one_byte_over", about, options={"max_body_bytes": size - 1}).refused("payload_too_large")
    about = "Trailing white space counts: the limit is on bytes, not on JSON."
    options = {"max_body_bytes": size}
    yield Benji("size/white_space_counts", about, Benji.SAMPLE + "\n", options=options).refused("payload_too_large")
    about = "The default limit is 64 KiB: 65,537 signed bytes are refused."
    padded = '{"event":"e","note":"' + "-" * (65_537 - 23) + '"}'
    yield Benji("size/default_limit_exceeded", about, padded).refused("payload_too_large")


def signatures_read():
    def read(name, about, signature, body=Benji.SAMPLE, identifier="243", pinned=None):
        options = {"signature_encoding": pinned} if pinned else None
        vector = Benji(f"signature/{name}", about, body, signature=signature, options=options)
        return vector.accepted(subject=("transaction", identifier))

    yield read("hex_lower_case", "64 lower-case hex digits are read.", bytes.hex)
    yield read("hex_upper_case", "64 upper-case hex digits are read.", lambda m: m.hex().upper())
    mixed = lambda m: m.hex()[:32].upper() + m.hex()[32:]
    yield read("hex_mixed_case", "Hex digits may be in both cases in one signature.", mixed)
    for name, encode in (("base64", standard), ("base64url", url_safe)):
        about = f"Padded {name} of the 32 bytes is read."
        yield read(f"{name}_padded", about, encode, BOTH_ALPHABETS, "8")
        about = f"Unpadded {name} of the 32 bytes is read."
        yield read(f"{name}_unpadded", about, lambda m, e=encode: e(m).rstrip("="), BOTH_ALPHABETS, "8")
        about = f"A receiver pinned to {name} reads it padded."
        yield read(f"pinned_{name}_padded", about, encode, BOTH_ALPHABETS, "8", name)
        about = f"A receiver pinned to {name} reads it unpadded."
        yield read(f"pinned_{name}_unpadded", about, lambda m, e=encode: e(m).rstrip("="), BOTH_ALPHABETS, "8", name)
    yield read("pinned_hex", "A receiver pinned to hex reads hex.", bytes.hex, pinned="hex")
    yield read("pinned_hex_upper_case", "Pinned to hex, both cases are read.", lambda m: m.hex().upper(), pinned="hex")
    about = "A text without `+/` and `-_` is both base64 and base64url."
    yield read("pinned_base64url_common_letters", about, standard, pinned="base64url")
    about = "Spaces and tabs around the field's value are not part of it."
    yield read("white_space_around", about, lambda m: f" \t{m.hex()} \t")


def signatures_malformed():
    def refused(name, about, signature, body=Benji.SAMPLE, pinned=None):
        options = {"signature_encoding": pinned} if pinned else None
        vector = Benji(f"signature/{name}", about, body, signature=signature, options=options)
        return vector.refused("malformed_signature")

    yield refused("empty", "An empty signature is malformed, not missing.", "")
    yield refused("only_white_space", "A signature of only white space is empty.", " \t ")
    yield refused("hex_63_digits", "63 hex digits are not 32 bytes.", lambda m: m.hex()[:63])
    yield refused("hex_65_digits", "65 hex digits are not 32 bytes.", lambda m: m.hex() + "0")
    yield refused("hex_62_digits", "A MAC cut by one byte is refused.", lambda m: m.hex()[:62])
    yield refused("hex_66_digits", "One byte after the MAC is too much.", lambda m: m.hex() + "00")
    yield refused("hex_truncated_to_128_bits", "A MAC truncated to 128 bits is refused.", lambda m: m.hex()[:32])
    yield refused("hex_foreign_digit", "`g` is not a hex digit.", lambda m: m.hex()[:63] + "g")
    about = "A 0x prefix is refused, also if the whole value has 64 characters."
    yield refused("hex_0x_in_64_characters", about, lambda m: "0x" + m.hex()[:62])
    yield refused("hex_0x_prefix", "A 0x prefix before 64 digits is refused.", lambda m: "0x" + m.hex())
    yield refused("sha256_prefix", "A `sha256=` prefix is refused.", lambda m: "sha256=" + m.hex())
    yield refused("sha256_prefix_base64", "A `sha256=` prefix is refused with base64 too.",
                  lambda m: "sha256=" + standard(m))
    yield refused("version_prefix", "A `v1,` prefix as of other schemes is refused.", lambda m: "v1," + standard(m))
    yield refused("hex_inner_space", "White space inside the digits is refused.",
                  lambda m: m.hex()[:32] + " " + m.hex()[32:])
    yield refused("base64_inner_space", "White space inside base64 is refused.",
                  lambda m: standard(m)[:20] + " " + standard(m)[20:])
    yield refused("list_in_one_field", "A comma-joined list is never split.", lambda m: f"{m.hex()}, {m.hex()}")
    yield refused("trailing_comma", "A signature with a trailing comma is malformed.", lambda m: m.hex() + ",")
    yield refused("in_quotes", "A quoted signature is refused.", lambda m: f'"{m.hex()}"')
    yield refused("base64_31_bytes", "Base64 of 31 bytes is refused.", lambda m: standard(m[:31]))
    yield refused("base64_33_bytes", "Base64 of 33 bytes is refused.", lambda m: standard(m + b"\0"))
    yield refused("base64_of_hex", "Base64 of the hex text is refused.", lambda m: standard(m.hex().encode()))
    yield refused("base64_too_much_padding", "One `=` too many is refused.", lambda m: standard(m) + "=")
    about = "Base64 whose unused last bits are set is not canonical."
    yield refused("base64_loose_bits_padded", about, lambda m: loose(standard(m)))
    yield refused("base64_loose_bits_unpadded", about, lambda m: loose(standard(m)).rstrip("="))
    yield refused("base64url_loose_bits", about.replace("Base64", "Base64url"), lambda m: loose(url_safe(m)),
                  BOTH_ALPHABETS)
    mixed = lambda m: standard(m).replace("/", "_")
    yield refused("base64_mixed_alphabets", "`+` and `_` belong to two alphabets.", mixed, BOTH_ALPHABETS)
    yield refused("latin1_character", "A byte above 7F is in none of the encodings.", lambda m: m.hex()[:63] + "\u00e9")
    about = "White space other than space and tab is not removed."
    yield refused("no_break_space_around", about, lambda m: "\u00a0" + m.hex())
    about = "A character above U+00FF is not a byte of a header: full-width digits are not digits."
    yield refused("full_width_digits", about, lambda m: m.hex()[:62] + "\uff10\uff11")
    yield refused("pinned_hex_got_base64", "Pinned to hex, base64 is malformed.", standard, pinned="hex")
    yield refused("pinned_base64_got_hex", "Pinned to base64, hex is malformed.", bytes.hex, pinned="base64")
    yield refused("pinned_base64url_got_hex", "Pinned to base64url, hex is malformed.", bytes.hex, pinned="base64url")
    about = "Pinned to base64, the letters of base64url are malformed."
    yield refused("pinned_base64_got_base64url", about, url_safe, BOTH_ALPHABETS, "base64")
    about = "Pinned to base64url, the letters of base64 are malformed."
    yield refused("pinned_base64url_got_base64", about, standard, BOTH_ALPHABETS, "base64url")


def loose(encoded):
    """The same 32 bytes with one of the two unused bits set, so the last letter becomes the next one."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return encoded[:42] + letters[letters.index(encoded[42]) + 1] + encoded[43:]


def signatures_that_differ():
    def refused(name, about, signature, body=Benji.SAMPLE, **rest):
        return Benji(f"mismatch/{name}", about, body, signature=signature, **rest).refused("signature_mismatch")

    of = lambda message, salt=Benji.SALT: mac(salt, message).hex()
    yield refused("first_bit", "A MAC with one wrong bit in its first byte does not match.",
                  lambda m: bytes([m[0] ^ 0x80, *m[1:]]).hex())
    yield refused("last_bit", "A MAC with one wrong bit in its last byte does not match.",
                  lambda m: bytes([*m[:31], m[31] ^ 1]).hex())
    yield refused("base64_last_bit", "A wrong bit is found in base64 too.",
                  lambda m: standard(bytes([*m[:31], m[31] ^ 1])))
    yield refused("all_zero", "64 zeros are well-formed and wrong.", "0" * 64)
    yield refused("reversed", "The MAC's bytes in reverse are another MAC.", lambda m: m[::-1].hex())
    yield refused("other_salt", "A MAC made with another salt does not match.", of(Benji.SAMPLE, "salt-another"))
    altered = Benji.SAMPLE.replace("243", "244")
    yield refused("altered_body", "A body changed by one digit does not match.", of(Benji.SAMPLE), altered)
    about = "A line feed that was added to the body breaks the signature."
    yield refused("line_feed_added", about, of(Benji.SAMPLE), Benji.SAMPLE + "\n")
    spaced = '{"event": "reward_transaction_updated", "entity": 3, "entity_id": 243}'
    about = "The MAC is over the raw body: a MAC of the same JSON in another notation does not match."
    yield refused("serialized_anew", about, of(Benji.SAMPLE), spaced)
    plain = hashlib.sha256(Benji.SAMPLE.encode()).hexdigest()
    yield refused("hash_without_key", "The body's SHA-256 without a key is not a MAC.", plain)
    about = "The date is not part of the message that is signed."
    yield refused("date_signed_too", about, of(Benji.DATE + Benji.SAMPLE))
    about = "The salt's text is the key: a MAC made with its hex-decoded bytes does not match."
    hex_salt = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    yield refused("salt_hex_decoded", about, of(Benji.SAMPLE, bytes.fromhex(hex_salt)), keys=[key(hex_salt)])
    about = "The salt's text is the key: a MAC made with its base64-decoded bytes does not match."
    yield refused("salt_base64_decoded", about, of(Benji.SAMPLE, b"sixteen bytes ok"),
                  keys=[key(base64_text("sixteen bytes ok"))])
    about = "The salt is never trimmed: a MAC made without its line feed does not match."
    yield refused("salt_trimmed", about, of(Benji.SAMPLE), keys=[key(Benji.SALT + "\n", exact=True)])
    about = "A genuine MAC over an empty body does not cover another one."
    yield refused("mac_of_nothing", about, of(""))


def header_fields():
    right = mac(Benji.SALT, Benji.SAMPLE).hex()
    yield Benji("headers/signature_absent", "Without the signature header the request is not authenticated.",
                signature=ABSENT).refused("missing_signature")
    about = "A header whose name only begins alike is another header."
    yield Benji("headers/signature_under_longer_name", about, signature=ABSENT,
                more=[("x-benji-signature-256", right)]).refused("missing_signature")
    about = "A header whose name is a part of it is another header."
    yield Benji("headers/signature_under_shorter_name", about, signature=ABSENT,
                more=[("benji-signature", right)]).refused("missing_signature")
    about = "An underscore in place of a hyphen makes another header."
    yield Benji("headers/signature_with_underscores", about, signature=ABSENT,
                more=[("x_benji_signature", right)]).refused("missing_signature")
    upper = [("X-BENJI-SIGNATURE", right), ("X-Webhook-DateTime", Benji.DATE)]
    yield Benji("headers/names_in_any_case", "Header names are read in any case.", signature=ABSENT, date=ABSENT,
                more=upper).accepted()
    about = "Two signature headers are refused, even when both are right."
    yield Benji("headers/signature_twice", about, more=[("x-benji-signature", right)]).refused("repeated_header")
    about = "Two signature headers are refused: the right one is not picked out."
    yield Benji("headers/signature_right_and_wrong", about,
                more=[("x-benji-signature", "0" * 64)]).refused("repeated_header")
    about = "Two spellings of one header name are one header, repeated."
    yield Benji("headers/signature_in_two_spellings", about,
                more=[("X-Benji-Signature", right)]).refused("repeated_header")
    about = "A second field matters even when it is empty."
    yield Benji("headers/signature_and_empty_one", about, more=[("x-benji-signature", "")]).refused("repeated_header")
    about = "Headers that Benji does not use may be repeated."
    yield Benji("headers/others_repeated", about, more=[("Authorization", "a"), ("authorization", "b"), ("via", "c"),
                ("via", "d"), ("x-hook-signature", "e"), ("x-hook-signature", "f")]).accepted()


def key_rings():
    def ring(name, about, *keys, **rest):
        return Benji(f"keys/{name}", about, keys=list(keys), **rest)

    other = [key(f"other-{n}") for n in range(15)]
    right = key(Benji.SALT)
    yield ring("second_of_two", "A key without an id is named by its position.", other[0], right).accepted(key_id="1")
    yield ring("first_of_two", "The first key of a ring matches.", right, other[0]).accepted(key_id="0")
    yield ring("sixteenth_of_sixteen", "A ring holds up to 16 keys; the last one matches too.",
               *other, right).accepted(key_id="15")
    yield ring("none_of_sixteen", "None of 16 keys matches.", *other, key("other-15")).refused("signature_mismatch")
    yield ring("named", "A key's own id is reported.", key(Benji.SALT, id="2026-03")).accepted(key_id="2026-03")
    about = "An id given to one key leaves the others with their position."
    yield ring("named_and_unnamed", about, key("other", id="old"), right).accepted(key_id="1")
    about = "Of two keys with one secret the first in the ring's order is reported."
    yield ring("same_secret_twice", about, key("other"), key(Benji.SALT, id="a"),
               key(Benji.SALT, id="b")).accepted(key_id="a")

    now, before, after = "2026-03-04T05:06:10Z", "2026-03-04T05:06:09.999Z", "2026-03-04T05:06:10.001Z"

    def valid(name, about, **validity):
        return Benji(f"validity/{name}", about, keys=[key(Benji.SALT, **validity)], now=now)

    yield valid("not_before_is_now", "`not_before` is inclusive.", not_before=now).accepted()
    about = "A key one millisecond before its not_before does not match."
    yield valid("not_before_is_ahead", about, not_before=after).refused("signature_mismatch")
    yield valid("not_after_is_now", "`not_after` is inclusive.", not_after=now).accepted()
    about = "A key one millisecond past its not_after does not match."
    yield valid("not_after_is_past", about, not_after=before).refused("signature_mismatch")
    about = "A key whose whole validity is the millisecond of now matches."
    yield valid("one_millisecond", about, not_before=now, not_after=now).accepted()
    about = "While both keys of a rotation are valid the first one that matches is reported."
    yield Benji("validity/rotation_overlap", about, keys=[
        key(Benji.SALT, id="old", not_after=after),
        key(Benji.SALT, id="new", not_before=before),
    ]).accepted(key_id="old")
    about = "A key that is not valid is skipped for a later one with the same secret."
    yield Benji("validity/expired_then_valid", about, keys=[
        key(Benji.SALT, id="old", not_after=before),
        key(Benji.SALT, id="new", not_before=before),
    ]).accepted(key_id="new")
    about = "A ring without a valid key still distinguishes a malformed signature from a wrong one."
    yield Benji("validity/expired_and_malformed", about, keys=[key(Benji.SALT, not_after=before)],
                signature="nonsense").refused("malformed_signature")


def secrets():
    def kept(name, about, salt):
        return Benji(f"secrets/{name}", about, salt=salt).accepted()

    yield kept("one_byte", "A salt of one character is a salt.", "k")
    yield kept("64_bytes", "A salt of exactly one SHA-256 block is used as it is.", "0123456789abcdef" * 4)
    yield kept("65_bytes", "A salt longer than a SHA-256 block is hashed first, as HMAC says.",
               "0123456789abcdef" * 4 + "!")
    yield kept("beyond_ascii", "A salt's text is used as its UTF-8 bytes.", "Sälz-盐-🧂")
    yield kept("not_utf8", "A salt may be any bytes.", b"\x00\xff\xfe\x80salt\x00")
    yield Benji("secrets/surrounding_white_space", "White space around an exact salt belongs to it.", salt=" salt\r\n",
                keys=[key(" salt\r\n", exact=True)]).accepted()
    yield kept("looks_like_hex", "A salt that looks like hex is used as text.", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    yield kept("looks_like_base64", "A salt that looks like base64 is used as text.", "whsec_c2l4dGVlbiBieXRlcyBvaw==")
    yield kept("trailing_zero_bytes", "Zero bytes at the end of a salt are not cut.", b"salt\x00\x00")


def order_of_checks():
    late, broken = "Wed, 04 Mar 2026 04:00:00 GMT", "{"
    gzip = ("Content-Encoding", "gzip")
    small = {"max_body_bytes": 10}

    def order(name, about, code, body=broken, signature="0" * 64, date=late, **rest):
        return Benji(f"order/{name}", about, body, signature=signature, date=date, **rest).refused(code)

    about = "The method is checked before everything else."
    yield order("method_first", about, "method_not_allowed", Benji.SAMPLE, method="PUT", more=[gzip], options=small)
    about = "The encoding is checked before the size."
    yield order("encoding_before_size", about, "unsupported_content_encoding", Benji.SAMPLE, more=[gzip], options=small)
    about = "A repeated Content-Encoding is found before the size."
    yield order("repeated_encoding_before_size", about, "repeated_header", Benji.SAMPLE, more=[gzip, gzip],
                options=small)
    about = "The size is checked before the signature."
    yield order("size_before_signature", about, "payload_too_large", Benji.SAMPLE, signature=ABSENT, options=small)
    about = "In an unsigned request only the signature is checked, not its date and body."
    yield order("signature_before_date_and_body", about, "missing_signature", signature=ABSENT, date="yesterday")
    about = "A wrong signature is found before a stale date and a broken body."
    yield order("mismatch_before_date_and_body", about, "signature_mismatch")
    about = "A repeated signature is found before a missing date."
    yield order("repeated_signature_before_date", about, "repeated_header", date=ABSENT,
                more=[("X-Benji-Signature", "")])
    about = "A stale date is found before a broken body."
    yield order("date_before_body", about, "stale", signature=bytes.hex)
    about = "A missing date is found before a broken body."
    yield order("missing_date_before_body", about, "missing_timestamp", signature=bytes.hex, date=ABSENT)

"""Receivers that cannot be built. The request of such a vector is a genuine one, and is never checked."""

from .vector import Benji, Benti, Bento, SignedTime, basic, event, key

TICKET = '{"id":100,"item":"ticket","action":"update","timestamp":1772600767}'
VIEW = '{"events":[{"type":"$view","email":"jo@example.com"}]}'


def vectors():
    yield from id_keys_and_retentions()
    yield from options_that_contradict()
    yield from limits_out_of_range()
    yield from options_of_one_vendor()
    yield from rings()
    yield from no_secrets()
    yield from copying_mistakes()


def for_every_vendor(case, about, **options):
    yield benji(case, about, **options)
    yield Benti(f"setup/{case}", about, TICKET, options=options).unbuilt()
    yield Bento(f"setup/{case}", about, VIEW, options=options).unbuilt()


def benji(case, about, **options):
    return Benji(f"setup/{case}", about, options=options).unbuilt()


def id_keys_and_retentions():
    about = "An id_key of 31 bytes is too short."
    yield from for_every_vendor("id_key_31_bytes", about, id_key="0123456789abcdef0123456789abcde")
    yield from for_every_vendor("id_key_empty", "An empty id_key is too short, not absent.", id_key="")
    about = "Bytes count, not characters: 15 characters of two bytes are 30."
    yield benji("id_key_30_bytes_beyond_ascii", about, id_key="ü" * 15)
    about = "Keys are kept for at least a second."
    yield from for_every_vendor("replay_retention_zero", about, replay_retention_seconds=0)
    about = "A retention of zero is refused under every policy."
    yield benji("replay_retention_zero_strict", about, replay_policy="strict", replay_retention_seconds=0)


def options_that_contradict():
    about = "A receiver cannot ask for a signed date and do without one."
    both = {"require_signed_time": True, "allow_missing_date": True}
    yield benji("signed_time_and_missing_date", about, **both)
    about = "The contradiction is found before any request: one with a signed date changes nothing."
    yield SignedTime("setup/signed_time_and_missing_date_of_a_signed_request", about, options=both).unbuilt()


def limits_out_of_range():
    for option in ("max_body_bytes", "max_events", "max_number_length"):
        yield from for_every_vendor(f"{option}_zero", f"`{option}` must be at least 1.", **{option: 0})
        about = f"`{option}` must be at most 2,147,483,648."
        yield benji(f"{option}_too_large", about, **{option: 2**31 + 1})
    yield from for_every_vendor("max_depth_zero", "`max_depth` must be at least 1.", max_depth=0)
    yield from for_every_vendor("max_depth_128", "`max_depth` must be at most 127.", max_depth=128)


def options_of_one_vendor():
    for case, minutes in (("east", 1440), ("west", -1440)):
        about = f"An offset of a whole day is refused: {minutes} minutes."
        yield Benti(f"setup/offset_{case}", about, TICKET, options={"utc_offset_minutes": minutes}).unbuilt()
    for case, source in (("with_space", "urn:a b"), ("with_control_character", "urn:a\u0001"),
                         ("with_direction_character", "urn:a\u202eb"), ("with_broken_escape", "urn:a%2")):
        yield from for_every_vendor(f"source_{case}", "A source is a URI reference of RFC 3986.", source=source)
    for case, name in (("empty", ""), ("with_space", "X Relay"), ("that_is_authorization", "Authorization")):
        about = "A configured header must have a name that HTTP allows and that no other header has."
        yield Bento(f"setup/header_{case}", about, VIEW, scheme={"header": name}).unbuilt()


def rings():
    twins = [key(Benji.SALT, id="a"), key("other", id="a")]
    yield Benji("setup/two_keys_of_one_id", "Two keys of a ring cannot have one id.", keys=twins).unbuilt()
    named = [key(Benji.SALT, id="1"), key("other")]
    about = "An id cannot be the position by which another key is named."
    yield Benji("setup/id_that_is_a_position", about, keys=named).unbuilt()


def with_secret(case, about, secret, exact=False):
    """The same secret in every scheme. The requests carry it in the way of the scheme."""
    keys = [key(secret, exact=True) if exact else key(secret)]
    yield Benji(f"setup/{case}", about, salt=secret, keys=keys).unbuilt()
    yield Benti(f"setup/{case}", about, TICKET, keys=keys).unbuilt()
    for name, scheme in (("basic", Bento.BASIC), ("bearer", Bento.BEARER), ("header", Bento.HEADER)):
        yield Bento(f"setup/{case}_{name}", about, VIEW, scheme=scheme, keys=keys).unbuilt()


def no_secrets():
    """Texts that are never a secret, exact or not."""
    for case, secret in (("empty", ""), ("nul", "\0"), ("space", " "), ("line_break", "\n"), ("crlf", "\r\n"),
                         ("blank_of_several", " \t\0\n"), ("no_break_space", "\u00a0")):
        about = "A secret of only NUL and white space is refused." if secret else "An empty secret is refused."
        yield from with_secret(f"secret_{case}", about, secret)
        yield benji_with(f"secret_{case}_exact", "It is refused for an exact key too.", secret)
    for case, word in (("undefined", "undefined"), ("null", "null"), ("none", "None"), ("nan", "NaN"),
                       ("object", "[object Object]")):
        yield from with_secret(f"secret_word_{case}", f"`{word}` is what programs write for a missing value.",
                               word)
        yield benji_with(f"secret_word_{case}_exact", "It is refused for an exact key too.", word)


def benji_with(case, about, secret):
    return Benji(f"setup/{case}", about, salt=secret, keys=[key(secret, exact=True)]).unbuilt()


def copying_mistakes():
    """Characters that copying adds to a secret. An exact key has them on purpose, if a header can carry them."""
    for case, secret, about in (
        ("space_before", " salt", "White space before a secret comes from copying it."),
        ("space_behind", "salt ", "White space after a secret comes from copying it."),
        ("line_break_behind", "salt\n", "A line break after a secret comes from the file that it was read from."),
        ("crlf_behind", "salt\r\n", "A Windows line break after a secret comes from the file that it was read from."),
        ("tab_behind", "salt\t", "A tab after a secret comes from copying it."),
        ("no_break_space_behind", "salt\u00a0", "Non-ASCII white space after a secret comes from copying it."),
        ("line_separator_before", "\u2028salt", "U+2028 is a line break."),
        ("byte_order_mark", "\ufeffsalt", "A byte order mark comes from the file that the secret was read from."),
        ("byte_order_mark_no_utf8", b"\xef\xbb\xbfs\xe9",
         "A byte order mark is also refused before bytes that are not UTF-8."),
        ("byte_order_mark_utf16", b"\xff\xfesalt", "A byte order mark of UTF-16, low byte first, is refused too."),
        ("byte_order_mark_utf16_high_byte_first", b"\xfe\xffsalt",
         "A byte order mark of UTF-16, high byte first, is refused too."),
        ("double_quotes", '"salt"', "Quotes around a secret come from the file that it was read from."),
        ("single_quotes", "'salt'", "Single quotes around a secret are refused too."),
        ("back_quotes", "`salt`", "Back quotes around a secret are refused too."),
        ("quotes_alone", '""', "Two quotes enclose an empty secret."),
    ):
        yield from with_secret(f"copied_{case}", about, secret)
        about = "An exact salt may have characters that copying adds, and is used as its exact bytes."
        yield Benji(f"secrets/exact_{case}", about, salt=secret, keys=[key(secret, exact=True)]).accepted()
    for case, secret in (("space_before", " salt"), ("line_break_behind", "salt\n")):
        about = "An exact key does not help if no header can carry the secret."
        yield Benti(f"setup/copied_{case}_exact", about, TICKET, keys=[key(secret, exact=True)]).unbuilt()
    about = "Base64 can encode a password with white space around it."
    yield Bento("basic/exact_white_space", about, VIEW, keys=[key(" s3cr3t ", exact=True)],
                credentials=basic(Bento.USER, " s3cr3t ")).accepted(
        event("subscriber.tracked", "$view", ("subscriber", "jo@example.com"),
              raw='{"type":"$view","email":"jo@example.com"}'))
    for case, secret in (("quote_before", '"salt'), ("quote_behind", "salt'"), ("different_quotes", "\"salt'"),
                         ("one_quote", '"'), ("inner_space", "sa lt"), ("byte_order_mark_behind", "salt\ufeff"),
                         ("utf16_mark_behind", b"salt\xff\xfe"), ("half_a_mark", b"\xff\xfdsalt"),
                         ("nul_behind", "salt\0"), ("another_case", "Undefined"), ("longer_word", "undefined1")):
        yield Benji(f"secrets/usual_{case}", "This salt has no characters that copying adds.", salt=secret).accepted()

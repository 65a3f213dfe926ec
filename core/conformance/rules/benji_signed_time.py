"""Benji's newer scheme: x-benji-timestamp and the body are signed, and no request of one scheme passes in the other.

The formats of the date are in benji_date.py, for both headers.
"""

from base64 import b64encode, urlsafe_b64encode

from .vector import ABSENT, FAULT, Benji, SignedTime, key, mac

NAME = "x-benji-timestamp"
RFC3339 = "2026-03-04T05:06:07Z"
LATE, AHEAD = "2026-03-04T05:11:07.001Z", "2026-03-04T05:01:06.999Z"  # clocks just outside of the window
REQUIRED = {"require_signed_time": True}


def vectors():
    yield from accepted_requests()
    yield from signature_encodings()
    yield from what_is_signed()
    yield from lengths()
    yield from the_bytes_of_the_header()
    yield from white_space()
    yield from moved_boundaries()
    yield from one_scheme_as_the_other()
    yield from both_headers()
    yield from header_fields()
    yield from order_of_checks()
    yield from windows()
    yield from required()
    yield from bodies()


def signed(case, about, body=Benji.SAMPLE, **rest):
    return SignedTime(f"signed_time/{case}", about, body, **rest)


def hex_of(message, salt=Benji.SALT):
    """The MAC of this message in hex, right or wrong for the request."""
    return mac(salt, message).hex()


def accepted_requests():
    yield signed("accepted", "The date's header and the body are signed: body, time and name are proved.").accepted(
        cloudevent=True)
    about = "The date is read to the millisecond, and the event has its time."
    yield signed("milliseconds", about, timestamp="2026-03-04T05:06:07.020Z").accepted(
        time="2026-03-04T05:06:07.020Z", cloudevent=True)
    about = "Any key of the ring may have signed date and body."
    yield signed("second_key", about, keys=[key("other"), key(Benji.SALT, id="new")]).accepted(key_id="new")
    about = "No key of the ring has signed date and body."
    yield signed("no_key_of_two", about, keys=[key("other"), key("older")]).refused("signature_mismatch")
    about = "A key out of its validity does not check the newer scheme either."
    yield signed("expired_key", about, keys=[key(Benji.SALT, not_after="2026-03-04T05:06:09.999Z")]).refused(
        "signature_mismatch")
    about = "A salt longer than a SHA-256 block is hashed first in the newer scheme too."
    yield signed("salt_of_65_bytes", about, salt="0123456789abcdef" * 4 + "!").accepted()
    yield signed("salt_of_any_bytes", "A salt may be any bytes in the newer scheme too.",
                 salt=b"\x00\xff\xfesalt").accepted()


def signature_encodings():
    def read(case, about, signature, pinned=None):
        options = {"signature_encoding": pinned} if pinned else None
        return signed(f"encoding_{case}", about, signature=signature, options=options)

    standard, url_safe = (lambda m: b64encode(m).decode()), (lambda m: urlsafe_b64encode(m).decode())
    yield read("hex_upper_case", "Upper-case hex digits are read.", lambda m: m.hex().upper()).accepted()
    for case, encode in (("base64", standard), ("base64url", url_safe)):
        yield read(f"{case}_padded", f"Padded {case} is read.", encode).accepted()
        yield read(f"{case}_unpadded", f"Unpadded {case} is read.", lambda m, e=encode: e(m).rstrip("=")).accepted()
        yield read(f"{case}_pinned", f"A receiver pinned to {case} reads it.", encode, case).accepted()
        about = f"A receiver pinned to {case} refuses hex."
        yield read(f"{case}_pinned_got_hex", about, bytes.hex, case).refused("malformed_signature")
    yield read("hex_pinned", "A receiver pinned to hex reads it.", bytes.hex, "hex").accepted()
    yield read("hex_pinned_got_base64", "A receiver pinned to hex refuses base64.", standard, "hex").refused(
        "malformed_signature")
    yield read("hex_63_digits", "63 hex digits are not 32 bytes.",
               lambda m: m.hex()[:63]).refused("malformed_signature")
    yield read("sha256_prefix", "A `sha256=` prefix is refused.", lambda m: "sha256=" + m.hex()).refused(
        "malformed_signature")
    about = "A signature in the form of other schemes, with its time inside, is refused."
    yield read("t_and_v1", about, lambda m: f"t=1772600767,v1={m.hex()}").refused("malformed_signature")
    yield read("white_space_around", "White space around the signature is not part of it.",
               lambda m: f"\t{m.hex()} ").accepted()


def what_is_signed():
    body, date = Benji.SAMPLE, Benji.DATE

    def wrong(case, about, message, **rest):
        return signed(f"mismatch_{case}", about, signature=hex_of(message), **rest).refused("signature_mismatch")

    yield wrong("date_alone", "A MAC of the date alone does not match.", date)
    yield wrong("of_nothing", "A MAC of nothing does not match.", "")
    yield wrong("body_before_date", "A MAC of the body followed by the date does not match.", body + date)
    yield wrong("date_twice", "A MAC with the date twice does not match.", date + date + body)
    for case, separator in (("point", "."), ("line_feed", "\n"), ("space", " "), ("colon", ":"), ("zero_byte", "\0")):
        about = f"Nothing separates the date from the body: not a {case.replace('_', ' ')}."
        yield wrong(f"separated_by_{case}", about, date + separator + body)
    yield wrong("name_and_date", "The header's name is not signed.", f"{NAME}: {date}{body}")
    yield wrong("other_date", "A date changed by one second does not match.", date.replace("07 GMT", "08 GMT") + body)
    yield wrong("same_instant_in_another_form", "The same instant in another form is another message.", RFC3339 + body)
    yield wrong("unix_time_of_the_date", "The date is signed as it is written, not as unix time.", "1772600767" + body)
    yield wrong("date_in_lower_case", "The date is signed in its own letters.", date.lower() + body)
    yield wrong("utf_8_of_the_date", "The header's bytes are signed, not their UTF-8.",
                "Wed, 04 M\u00e4r 2026".encode() + body.encode(), timestamp="Wed, 04 M\u00e4r 2026")
    yield wrong("altered_body", "A body changed by one digit does not match.", date + body.replace("243", "244"))
    yield wrong("line_feed_added", "A line feed after the body is a part of the message.", date + body,
                body=body + "\n")
    yield signed("mismatch_other_salt", "A MAC made with another salt does not match.",
                 signature=hex_of(date + body, "salt-another")).refused("signature_mismatch")
    first, last = (lambda m: bytes([m[0] ^ 0x80, *m[1:]]).hex()), (lambda m: bytes([*m[:31], m[31] ^ 1]).hex())
    yield signed("mismatch_first_bit", "A MAC with one wrong bit in its first byte does not match.",
                 signature=first).refused(
        "signature_mismatch")
    yield signed("mismatch_last_bit", "A MAC with one wrong bit in its last byte does not match.",
                 signature=last).refused(
        "signature_mismatch")


def lengths():
    """Messages are hashed in blocks of 64 bytes. These have block borders between date and body, and at the end."""
    def of(total, date="1772600767"):
        note = "n" * (total - len(date) - len('{"event":"e","note":""}'))
        return f'{{"event":"e","note":"{note}"}}'

    named = {"kind": "other.other", "name": "e", "subject": ("other", None)}
    for total in (55, 56, 63, 64, 65, 119, 120, 128):
        about = f"Date and body are {total} bytes together."
        yield signed(f"length_{total}", about, of(total), timestamp="1772600767").accepted(**named)
    for digits in (43, 44, 45, 107, 108, 109, 1000):
        date = f"2026-03-04T05:06:07.{'9' * digits}Z"
        about = f"The date's header is {len(date)} bytes long, and all of it is signed."
        yield signed(f"date_of_{len(date)}_bytes", about, timestamp=date).accepted(time="2026-03-04T05:06:07.999Z")
    date = f"2026-03-04T05:06:07.{'9' * 44}Z"
    about = "A long date with another last digit does not match, even if the time is the same."
    yield signed("date_of_65_bytes_altered", about, timestamp=date,
                 signature=hex_of(date.replace("9Z", "8Z") + Benji.SAMPLE)).refused("signature_mismatch")


def the_bytes_of_the_header():
    """The bytes of the header are authenticated first, whatever they are, and read as a date afterwards."""
    for case, about, value in (
        ("word", "A signed word is not a date.", "soon"),
        ("beyond_ascii", "A date does not contain a byte above 7F, even if it was signed.",
         "Wed, 04 M\u00e4r 2026 05:06:07 GMT"),
        ("byte_ff", "A signed byte FF is not a date.", "\u00ff"),
        ("c1_control", "A signed byte 85 is not a date.", f"{RFC3339}\u0085"),
        ("delete_character", "A date does not contain U+007F.", f"{RFC3339}\x7f"),
        ("no_break_space", "A no-break space belongs to the value, and a date does not contain one.",
         f"\u00a0{RFC3339}"),
        ("one_character", "One character is not a date.", "2"),
        ("list_of_dates", "A comma-joined list is never split, and as one value it is not a date.",
         f"{RFC3339}, {RFC3339}"),
        ("quoted", "A date does not contain quotes.", f'"{RFC3339}"'),
        ("json", "A JSON object is not a date.", '{"event":"e"}'),
        ("parameter", "Text after a date is refused.", f"{RFC3339};v=1"),
        ("8_kib", "A long value is signed as a whole, but is not a date.", "1" * 8192),
    ):
        yield signed(f"bytes_{case}", about, timestamp=value).refused("malformed_timestamp")
        yield signed(f"bytes_{case}_unsigned", "The signature is checked before the content of the date's header.",
                     timestamp=value, signature=hex_of(Benji.SAMPLE)).refused("signature_mismatch")


def white_space():
    body = Benji.SAMPLE
    about = "White space around the date's value is not signed."
    for case, value in (("space_before", f" {RFC3339}"), ("space_behind", f"{RFC3339} "), ("tabs", f"\t{RFC3339}\t"),
                        ("much", f" \t \t{RFC3339} \t \t")):
        yield signed(f"white_space_{case}", about, timestamp=value).accepted()
        yield signed(f"white_space_{case}_signed", "A MAC that covers this white space does not match.",
                     timestamp=value, signature=hex_of(value + body)).refused("signature_mismatch")
    for case, space in (("space", " "), ("tab", "\t"), ("line_feed", "\n"), ("carriage_return", "\r\n"),
                        ("much", " \n\t ")):
        spaced = space + body
        yield signed(f"body_begins_with_{case}", "White space at the body's start is signed with it.", spaced,
                     timestamp=RFC3339).accepted()
        about = "White space that was added at the body's start, or moved there from the date, breaks the MAC."
        yield signed(f"body_begins_with_unsigned_{case}", about, spaced, timestamp=RFC3339,
                     signature=hex_of(RFC3339 + body)).refused("signature_mismatch")


def moved_boundaries():
    """Date and body are signed without a separator, so a moved border leaves the MAC right."""
    def moved(case, about, date, body, count):
        """Moves `count` characters from the body's start to the date's end, or the other way if it is negative."""
        message, border = date + body, len(date) + count
        return signed(f"moved_{case}", about, message[border:],
                      timestamp=message[:border], signature=hex_of(message))

    body = Benji.SAMPLE
    dates = (("imf_fixdate", Benji.DATE), ("rfc3339", RFC3339), ("asctime", "Wed Mar  4 05:06:07 2026"),
             ("rfc850", "Wednesday, 04-Mar-26 05:06:07 GMT"), ("spaced_gmt", "2026-03-04 05:06:07 GMT"),
             ("no_zone", "2026-03-04 05:06:07"), ("offset", "2026-03-04T05:06:07+0000"),
             ("unix_seconds", "1772600767"), ("unix_milliseconds", "1772600767089"))
    for form, date in dates:
        about = "The body's brace moved to the date: the MAC is right, but the date is malformed."
        yield moved(f"brace_to_{form}", about, date, body, 1).refused("malformed_timestamp")
        if form == "rfc3339":
            continue  # without its Z it is still a date; see below
        about = "The date's last character moved to the body: the MAC is right, but the date is malformed."
        yield moved(f"end_of_{form}_to_the_body", about, date, body, -1).refused("malformed_timestamp")
    about = "The whole body moved to the date: the MAC is right, but the date is malformed."
    yield moved("whole_body_to_the_date", about, RFC3339, body, len(body)).refused("malformed_timestamp")
    about = "All except the last character of the body moved to the date."
    yield moved("body_but_one_to_the_date", about, RFC3339, body, len(body) - 1).refused("malformed_timestamp")
    about = "The whole date moved to the body: an empty date is refused before the MAC fits."
    yield moved("whole_date_to_the_body", about, RFC3339, body, -len(RFC3339)).refused("malformed_timestamp")
    about = "All except the first character of the date moved to the body."
    yield moved("date_but_one_to_the_body", about, RFC3339, body, 1 - len(RFC3339)).refused("malformed_timestamp")

    def still_a_date(case, about, date, rest):
        """The MAC is right and the shortened date is a date, but the body begins with the rest of it and is not JSON.
        """
        return signed(f"moved_{case}", about, rest + body, timestamp=date).refused("malformed_payload", "")

    about = "The date without its Z is still a fresh date, but then the body is not JSON."
    yield still_a_date("z_to_the_body", about, "2026-03-04T05:06:07", f"{FAULT}Z")
    about = "The date without its zone is still a fresh date, but then the body is not JSON."
    yield still_a_date("zone_to_the_body", about, "2026-03-04 05:06:07", f" {FAULT}GMT")
    about = "The date without its offset is still a fresh date, but then the body is not JSON."
    yield still_a_date("offset_to_the_body", about, "2026-03-04T05:06:07", f"{FAULT}+00:00")
    about = "The date without its fraction is still a fresh date, but then the body is not JSON."
    yield still_a_date("fraction_to_the_body", about, "2026-03-04T05:06:07", f"{FAULT}.089Z")


def one_scheme_as_the_other():
    body, date = Benji.SAMPLE, Benji.DATE

    def old(case, about, text=body, **rest):
        return Benji(f"signed_time/{case}", about, text, **rest)

    about = "If the newer header is present, a MAC of the older scheme does not match."
    for form, value in (("imf_fixdate", date), ("unix_seconds", "1772600767"), ("word", "x")):
        yield signed(f"old_mac_with_{form}", about, timestamp=value, signature=hex_of(body)).refused(
            "signature_mismatch")
    about = "If no date is sent, a MAC of date and body does not match."
    yield old("new_mac_without_a_date", about, signature=hex_of(date + body), date=ABSENT,
              options={"allow_missing_date": True}).refused("signature_mismatch")
    about = "With an empty newer header a MAC of the older scheme would match, so it is refused before."
    yield signed("empty_with_old_mac", about, timestamp="", signature=hex_of(body)).refused("malformed_timestamp")
    yield signed("empty_with_old_mac_and_date", about, timestamp="", signature=hex_of(body), date=date).refused(
        "malformed_timestamp")
    about = "A header of only white space is empty."
    yield signed("white_space_alone_with_old_mac", about, timestamp=" \t", signature=hex_of(body)).refused(
        "malformed_timestamp")
    about = "If date and body of a newer request are sent as an older body, the MAC is right, but the body is not JSON."
    yield old("new_request_as_old_body", about, f"{FAULT}{date}{body}").refused("malformed_payload", "")
    about = "A newer request that is sent as an older body is refused even if the date may be missing."
    yield old("new_request_as_old_body_undated", about, f"{FAULT}{date}{body}", date=ABSENT,
              options={"allow_missing_date": True}).refused("malformed_payload", "")
    about = "A newer request with a date in another form is refused as an older body too."
    yield old("new_request_as_old_body_asctime", about, f"{FAULT}Wed Mar  4 05:06:07 2026{body}").refused(
        "malformed_payload", "")
    about = "If the start of an older body is sent as the newer header, the MAC is right, but the header is not a date."
    for count in (1, 2, 9, len(body) - 1, len(body)):
        yield signed(f"old_body_split_at_{count}", about, body[count:], timestamp=body[:count],
                     signature=hex_of(body)).refused("malformed_timestamp")
    spaced = f" \t{body}"
    about = "If the moved start of an older body is white space, the newer header loses it, and the MAC does not match."
    yield signed("old_body_with_white_space_split", about, body[1:], timestamp=spaced[:3],
                 signature=hex_of(spaced)).refused("signature_mismatch")
    about = "If only the white space of an older body is sent as the newer header, the header is empty."
    yield signed("old_body_with_white_space_as_header", about, body, timestamp=spaced[:2],
                 signature=hex_of(spaced)).refused("malformed_timestamp")


def both_headers():
    body = Benji.SAMPLE
    about = "With both headers and the newer MAC, the newer header's date is the time."
    yield signed("both_with_new_mac", about, date="Wed, 04 Mar 2026 05:06:09 GMT").accepted(cloudevent=True)
    unread = "Beside the newer header x-webhook-datetime is not read"
    for case, about, date in (
        ("stale", f"{unread}: it may be stale.", "Tue, 03 Mar 2026 05:06:07 GMT"),
        ("future", f"{unread}: it may lie ahead.", "Thu, 05 Mar 2026 05:06:07 GMT"),
        ("malformed", f"{unread}: it may be malformed.", "soon"),
        ("empty", f"{unread}: it may be empty.", ""),
        ("beyond_latin1", f"{unread}: it may hold any character.", "２０２６"),
    ):
        yield signed(f"both_old_one_{case}", about, date=date).accepted()
    again = [("x-webhook-datetime", Benji.DATE)]
    yield signed("both_old_one_repeated", f"{unread}, not even for repetition.", date=Benji.DATE, more=again).accepted()
    again = [("X-Webhook-DateTime", "soon")]
    yield signed("both_old_one_in_two_spellings", f"{unread}, in two spellings or not.", date="x",
                 more=again).accepted()
    about = "With both headers and the older MAC there is no fallback."
    yield signed("both_with_old_mac", about, date=Benji.DATE, signature=hex_of(body)).refused("signature_mismatch")
    about = "With both headers, a MAC of the older header's date and the body does not match."
    yield signed("both_with_mac_of_the_old_date", about, timestamp=RFC3339, date=Benji.DATE,
                 signature=hex_of(Benji.DATE + body)).refused("signature_mismatch")
    about = "If the newer header is stale, a fresh older one is not used."
    yield signed("both_new_one_stale", about, timestamp="2026-03-04T05:00:00Z", date=Benji.DATE).refused("stale")
    about = "If the newer header is not a date, the older one is not used."
    yield signed("both_new_one_malformed", about, timestamp="soon", date=Benji.DATE).refused("malformed_timestamp")


def header_fields():
    body = Benji.SAMPLE

    def twice(case, about, *values, **rest):
        request = signed(f"header_{case}", about, timestamp=values[0], more=[(NAME, value) for value in values[1:]],
                         **rest)
        return request.refused("repeated_header")

    yield twice("twice", "Two of the newer header are refused, even equal ones.", RFC3339, RFC3339)
    yield twice("right_and_wrong", "The right one of two headers is not picked out.", RFC3339, "soon")
    yield twice("right_and_empty", "A second field matters even when it is empty.", RFC3339, "")
    yield twice("empty_and_right", "An empty first header counts as a repetition too.", "", RFC3339,
                signature=hex_of(RFC3339 + body))
    yield twice("twice_empty", "Two empty headers are a repetition.", "", "", signature=hex_of(body))
    yield twice("twice_with_old_mac", "Two headers are refused before an older MAC is checked.", RFC3339, RFC3339,
                signature=hex_of(body))
    yield twice("twice_with_wrong_mac", "Two headers are refused before a wrong MAC is found.", RFC3339, RFC3339,
                signature="0" * 64)
    yield twice("three_times", "Three headers are refused.", RFC3339, RFC3339, RFC3339)
    about = "Two spellings of the newer header's name count as a repetition."
    yield signed("header_in_two_spellings", about, timestamp=RFC3339, more=[("X-Benji-Timestamp", RFC3339)]).refused(
        "repeated_header")
    about = "A repeated header is not an absent one, even if the date may be missing."
    yield twice("twice_though_optional", about, RFC3339, RFC3339, options={"allow_missing_date": True})
    for case, name in (("in_any_case", "X-BENJI-TimeStamp"), ("in_upper_case", "X-BENJI-TIMESTAMP")):
        request = signed(f"header_name_{case}", "The newer header's name is read in any case.", timestamp=RFC3339)
        request.headers = [[name if field == NAME else field, value] for field, value in request.headers]
        yield request.accepted()
    for case, name in (("underscores", "x_benji_timestamp"), ("shorter", "benji-timestamp"),
                       ("longer", "x-benji-timestamp-ms"), ("plain", "timestamp")):
        about = f"`{name}` is another header, so the older scheme applies."
        yield Benji(f"signed_time/header_name_{case}", about, more=[(name, "soon"), (name, "soon")]).accepted()
    unreadable = "A character above U+00FF is not a byte of a header: it is refused before the MAC is checked."
    for case, value in (("full_width", "２０２６-03-04T05:06:07Z"), ("dash", "2026\u201303\u201304T05:06:07Z"),
                        ("u_0100", f"{RFC3339}\u0100")):
        yield signed(f"header_beyond_latin1_{case}", unreadable, timestamp=value, signature="0" * 64).refused(
            "malformed_timestamp")
    about = "An unreadable newer header is not an absent one, so the older scheme does not apply."
    yield signed("header_beyond_latin1_with_old_mac", about, timestamp="\u0130", date=Benji.DATE,
                 signature=hex_of(body)).refused("malformed_timestamp")
    about = "An empty newer header is malformed, even if the date may be missing."
    yield signed("header_empty_though_optional", about, timestamp="", signature=hex_of(body),
                 options={"allow_missing_date": True}).refused("malformed_timestamp")
    about = "An empty newer header is refused before a wrong MAC is found."
    yield signed("header_empty_with_wrong_mac", about, timestamp="", signature="0" * 64).refused("malformed_timestamp")
    about = "An empty newer header is refused without a window too."
    yield signed("header_empty_window_off", about, timestamp="", options={"window": "off"}).refused(
        "malformed_timestamp")


def order_of_checks():
    def order(case, about, code, **rest):
        return signed(f"order_{case}", about, **rest).refused(code)

    again = [(NAME, RFC3339)]
    first = "The signature's header is checked before the date's:"
    yield order("missing_signature_before_repeated_date", f"{first} missing, and two dates.", "missing_signature",
                signature=ABSENT, more=again)
    yield order("malformed_signature_before_repeated_date", f"{first} malformed, and two dates.",
                "malformed_signature", signature="x", more=again)
    yield order("missing_signature_before_empty_date", f"{first} missing, and an empty date.", "missing_signature",
                signature=ABSENT, timestamp="")
    yield order("malformed_signature_before_empty_date", f"{first} malformed, and an empty date.",
                "malformed_signature", signature="x", timestamp="")
    yield order("missing_signature_before_unreadable_date", f"{first} missing, and an unreadable date.",
                "missing_signature", signature=ABSENT, timestamp="\u0130")
    yield order("malformed_signature_before_unreadable_date", f"{first} malformed, and an unreadable date.",
                "malformed_signature", signature="", timestamp="\u0130")
    yield order("repeated_signature_before_empty_date", f"{first} repeated, and an empty date.", "repeated_header",
                timestamp="", more=[("x-benji-signature", "0" * 64)])
    yield order("empty_date_before_mismatch", "An empty date is found before the MAC.", "malformed_timestamp",
                signature="0" * 64, timestamp=" ")
    yield order("mismatch_before_no_date", "A wrong MAC is found before a malformed date.", "signature_mismatch",
                signature="0" * 64, timestamp="soon")
    yield order("mismatch_before_stale", "A wrong MAC is found before a stale date.", "signature_mismatch",
                signature="0" * 64, now=LATE)
    yield order("mismatch_before_future", "A wrong MAC is found before a date ahead.", "signature_mismatch",
                signature="0" * 64, now=AHEAD)
    yield order("mismatch_before_body", "A wrong MAC is found before a broken body.", "signature_mismatch",
                signature="0" * 64, body="{")
    yield order("no_date_before_body", "A malformed date is found before a broken body.", "malformed_timestamp",
                timestamp="soon", body="{")
    yield order("stale_before_body", "A stale date is found before a broken body.", "stale", now=LATE, body="{")
    yield order("future_before_body", "A date ahead is found before a broken body.", "from_the_future", now=AHEAD,
                body="{")
    yield order("size_before_date", "The size is checked before a repeated date.", "payload_too_large", more=again,
                options={"max_body_bytes": 10})
    yield order("encoding_before_date", "The encoding is checked before a repeated date.",
                "unsupported_content_encoding", more=[*again, ("Content-Encoding", "gzip")])
    yield order("method_before_date", "The method is checked before a repeated date.", "method_not_allowed",
                more=again, method="PUT")


def windows():
    yield signed("window_300_seconds_old", "Exactly 300 s old is fresh.", now="2026-03-04T05:11:07Z").accepted()
    yield signed("window_300_001_milliseconds_old", "300 s and one millisecond old is stale.",
                 now=LATE).refused("stale")
    yield signed("window_300_seconds_ahead", "Exactly 300 s ahead is fresh.", now="2026-03-04T05:01:07Z").accepted()
    yield signed("window_300_001_milliseconds_ahead", "300 s and one millisecond ahead is from the future.",
                 now=AHEAD).refused(
        "from_the_future")
    yield signed("window_stale_unix_seconds", "Unix time is compared with the window like any other date.",
                 timestamp="1772600000").refused("stale")
    yield signed("window_future_unix_milliseconds", "Unix milliseconds outside of the window are refused too.",
                 timestamp="1772601070001").refused(
        "from_the_future")
    yield signed("window_stale_without_zone", "A date without a zone is compared with the window as UTC.",
                 timestamp="2026-03-04 05:01:09").refused("stale")
    yield signed("window_stale_though_optional", "A signed date is checked even if the date may be missing.", now=LATE,
                 options={"allow_missing_date": True}).refused("stale")
    yield signed("window_present_though_optional", "A date that may be missing is read if it is present.",
                 options={"allow_missing_date": True}).accepted()
    yield signed("window_off", "Without a window any signed date is accepted.", now="2036-03-04T05:06:07Z",
                 options={"window": "off"}).accepted()
    yield signed("window_off_no_date", "Without a window a signed value must still be a date.", timestamp="soon",
                 options={"window": "off"}).refused("malformed_timestamp")
    yield signed("window_own", "A configured window is inclusive.", now="2026-03-04T05:07:07Z",
                 options={"window": [60, 5]}).accepted()
    yield signed("window_own_exceeded", "A date one millisecond outside of a configured window is refused.",
                 now="2026-03-04T05:07:07.001Z",
                 options={"window": [60, 5]}).refused("stale")


def required():
    body = Benji.SAMPLE

    def old(case, about, **rest):
        return Benji(f"signed_time/required_{case}", about, **{"options": REQUIRED} | rest)

    yield signed("required_accepted", "With require_signed_time a signed date is read.", options=REQUIRED).accepted()
    about = "With require_signed_time a request of the older scheme is refused, also a genuine one."
    yield old("old_scheme", about).refused("missing_timestamp")
    yield old("old_scheme_undated", about, date=ABSENT).refused("missing_timestamp")
    about = "With require_signed_time the older scheme is refused before its date is read."
    yield old("old_scheme_stale", about, now=LATE).refused("missing_timestamp")
    about = "With require_signed_time the older scheme is refused even if its date is malformed."
    yield old("old_scheme_malformed_date", about, date="soon").refused("missing_timestamp")
    yield old("old_scheme_repeated_date",
              "With require_signed_time the older scheme is refused even if its date is repeated.",
              more=[("x-webhook-datetime", "x")]).refused("missing_timestamp")
    about = "With require_signed_time the older scheme is refused before a wrong MAC is found."
    yield old("old_scheme_wrong_mac", about, signature="0" * 64).refused("missing_timestamp")
    about = "With require_signed_time the older scheme is refused before a MAC of date and body is checked."
    yield old("old_scheme_new_mac", about, signature=hex_of(Benji.DATE + body)).refused("missing_timestamp")
    yield old("old_scheme_window_off",
              "With require_signed_time the older scheme is refused without a window too.",
              options=REQUIRED | {"window": "off"}).refused("missing_timestamp")
    yield old("missing_signature", "With require_signed_time a missing signature is found first.",
              signature=ABSENT).refused("missing_signature")
    yield old("malformed_signature", "With require_signed_time a malformed signature is found first.",
              signature="x").refused("malformed_signature")
    yield old("repeated_signature", "With require_signed_time a repeated signature is found first.",
              more=[("X-Benji-Signature", "0" * 64)]).refused(
        "repeated_header")
    about = "With require_signed_time an empty header is malformed, not missing."
    yield signed("required_empty", about, timestamp="", options=REQUIRED).refused("malformed_timestamp")
    yield signed("required_twice", "With require_signed_time a repeated header is refused as repeated.",
                 options=REQUIRED,
                 more=[(NAME, Benji.DATE)]).refused("repeated_header")
    yield signed("required_unreadable", "With require_signed_time an unreadable header is malformed.",
                 timestamp="\u0130", options=REQUIRED).refused("malformed_timestamp")
    yield signed("required_old_mac",
                 "With require_signed_time a MAC of the older scheme with the newer header does not match.",
                 options=REQUIRED, signature=hex_of(body)).refused("signature_mismatch")
    yield signed("required_stale", "With require_signed_time a stale date is stale.", options=REQUIRED,
                 now=LATE).refused("stale")
    yield signed("required_broken_body", "With require_signed_time a broken body is found last.", f"{FAULT}[]",
                 options=REQUIRED).refused("malformed_payload", "")


def bodies():
    named = {"kind": "transaction.created", "name": "transaction_created", "subject": ("transaction", "7")}
    text = ' \r\n{\t"event" : "transaction_created" ,\n "entity_id":\r7 } \n\t'
    about = "White space of the body is signed, and belongs to neither end of the event's bytes."
    yield signed("body_white_space", about, text).accepted(**named, cloudevent=True)
    about = "A signed body that is not JSON is refused as in the older scheme."
    yield signed("body_empty", about, FAULT).refused("malformed_payload", "")
    yield signed("body_list", "A signed body is an object.", f'{FAULT}[{{"event":"e"}}]').refused(
        "malformed_payload", "")
    yield signed("body_without_event", "A signed body has an event.", f'{FAULT}{{"entity_id":7}}').refused(
        "malformed_payload", "/event")
    yield signed("body_event_repeated", "A repeated key that is read is refused in a signed body too.",
                 f'{{"event":"a",{FAULT}"event":"a"}}').refused("malformed_payload", "/event")
    size = len(Benji.SAMPLE)
    about = "The size limit is that of the body: the date does not count."
    yield signed("body_exactly_the_limit", about, options={"max_body_bytes": size}).accepted()
    yield signed("body_one_byte_over", "A signed body one byte over the limit is refused.",
                 options={"max_body_bytes": size - 1}).refused("payload_too_large")
    about = "The body's bytes are signed as they are: characters beyond ASCII as UTF-8."
    yield signed("body_beyond_ascii", about, '{"event":"überweisung_🍱"}').accepted(
        "other.other", "überweisung_🍱", ("other", None), cloudevent=True)
    about = "If the signed date has no zone, the event says that the zone was assumed."
    yield signed("zone_assumed", about, timestamp="2026-03-04 05:06:07.089123").accepted(
        time="2026-03-04T05:06:07.089Z", zone_assumed=True, cloudevent=True)

"""Benti (core/docs/benti.md): the secret in its header, the handshake, and the optional window."""

from .vector import ABSENT, Benti, Handshake, event, key, mac

TICKET = '{"id":100,"item":"ticket","action":"update","timestamp":1772600767,"actor":7,"parent":null}'
TIME = "2026-03-04T05:06:07Z"  # the time of the ticket
BODY = f"[{TICKET}]"


def vectors():
    yield from methods_encodings_sizes()
    yield from secrets_read()
    yield from secrets_refused()
    yield from keys()
    yield from handshakes()
    yield from handshakes_refused()
    yield from window_borders()
    yield from windows_over_several()
    yield from order_of_checks()


def post(name, about, body=BODY, **rest):
    return Benti(name, about, body, **rest)


def ticket(time=TIME, raw=TICKET, **fields):
    return event("ticket.updated", "ticket.update", ("ticket", "100"), raw, actor=("user", "7"), time=time, **fields)


def methods_encodings_sizes():
    for method in ("HEAD", "PUT", "PATCH"):
        about = f"{method} is neither a delivery nor a handshake: the answer names GET and POST."
        yield post(f"method/{method.lower()}", about, method=method).refused("method_not_allowed")
    for method, case in (("Post", "post_mixed_case"), ("get", "get_lower_case")):
        about = f"Methods are case-sensitive: `{method}` is not allowed."
        yield post(f"method/{case}", about, method=method).refused("method_not_allowed")

    def encoded(name, about, *values):
        return post(f"encoding/{name}", about, more=[("content-encoding", value) for value in values])

    yield encoded("identity", "A Content-Encoding of identity changes nothing.", "IDENTITY").accepted(ticket())
    yield encoded("deflate", "An encoded body is refused.", "deflate").refused("unsupported_content_encoding")
    yield encoded("two_fields", "Two Content-Encoding fields are a repeated header.", "identity",
                  "gzip").refused("repeated_header")
    about = "A body of exactly max_body_bytes is read."
    yield post("size/exactly_the_limit", about, options={"max_body_bytes": len(BODY)}).accepted(ticket())
    about = "A body one byte over max_body_bytes is refused."
    yield post("size/one_byte_over", about, options={"max_body_bytes": len(BODY) - 1}).refused("payload_too_large")
    about = "Benti's default limit is above the 64 KiB of Benji: a note of 65,536 letters is read."
    long = TICKET.replace('"id"', '"note":"' + "n" * 65_536 + '","id"')
    yield post("size/above_64_kib", about, f"[{long}]").accepted(ticket(raw=long))


def secrets_read():
    yield post("secret/equal",
               "The header equals the secret; the body is not covered by it.").accepted(ticket(cloudevent=True))
    yield post("secret/white_space_around", "Spaces and tabs around the header's value are not part of it.",
               signature=f" {Benti.SECRET}\t ").accepted(ticket())
    inner = "two words, one comma"
    yield post("secret/with_comma_and_space",
               "A comma in the value splits nothing; inner spaces are part of the secret.",
               signature=inner, keys=[key(inner)]).accepted(ticket())
    about = "The header's text is read as ISO-8859-1: the secret `é` in UTF-8 is received as `Ã©`."
    yield post("secret/utf8", about, signature="cl\u00c3\u00a9", keys=[key("clé")]).accepted(ticket())
    about = "A secret of single ISO-8859-1 bytes is compared byte by byte."
    yield post("secret/latin1", about, signature="cl\u00e9", keys=[key(b"cl\xe9")]).accepted(ticket())
    yield post("secret/200_characters", "A secret may be longer than a SHA-256 block.", signature="s" * 200,
               keys=[key("s" * 200)]).accepted(ticket())
    yield post("secret/one_character", "A secret may be one character.", signature="s",
               keys=[key("s")]).accepted(ticket())
    name = [("x-HOOK-signature", Benti.SECRET)]
    yield post("secret/name_in_any_case", "The header's name is read in any case.", signature=ABSENT,
               more=name).accepted(ticket())
    more = [("x-benji-signature", "a"), ("x-benji-signature", "b"), ("authorization", "c"), ("authorization", "d")]
    yield post("secret/other_headers_repeated", "Headers that Benti does not use may be repeated.",
               more=more).accepted(ticket())
    about = "A challenge does not make a POST a handshake."
    yield post("secret/challenge_in_a_post", about, more=[("X-Inbenta-Challenge", "c4f1e7d2")]).accepted(ticket())


def secrets_refused():
    def mismatch(name, about, signature, **rest):
        return post(f"secret/{name}", about, signature=signature, **rest).refused("signature_mismatch")

    yield post("secret/absent", "Without the header the request is not authenticated.",
               signature=ABSENT).refused("missing_signature")
    about = "Unsigned deliveries are refused even if an unsigned handshake is allowed."
    yield post("secret/absent_handshake_allowed", about, signature=ABSENT,
               options={"allow_unsigned_handshake": True}).refused("missing_signature")
    about = "A delivery with its secret in another header is not authenticated."
    yield post("secret/under_another_name", about, signature=ABSENT,
               more=[("X-Hook-Secret", Benti.SECRET)]).refused("missing_signature")
    yield post("secret/empty", "An empty value is malformed, not missing.", signature="").refused("malformed_signature")
    yield post("secret/only_white_space", "A value of only white space is empty.",
               signature="  ").refused("malformed_signature")
    yield post("secret/beyond_latin1", "A character above U+00FF is not a byte of a header.",
               signature="ключ").refused("malformed_signature")
    again = [("x-hook-signature", Benti.SECRET)]
    yield post("secret/twice", "Two of the header are refused, even when both are right.",
               more=again).refused("repeated_header")
    again = [("X-Hook-Signature", "wrong")]
    yield post("secret/right_and_wrong", "Two of the header are refused: the right one is not picked out.",
               more=again).refused("repeated_header")
    yield mismatch("other", "Another secret does not match.", "someoneElsesSecret")
    yield mismatch("other_case", "A secret is case-sensitive.", Benti.SECRET.lower())
    yield mismatch("beginning", "The beginning of the secret does not match.", Benti.SECRET[:-1])
    yield mismatch("longer", "The secret with one character more does not match.", Benti.SECRET + "e")
    yield mismatch("with_scheme", "A scheme before the secret does not match.", f"Bearer {Benti.SECRET}")
    yield mismatch("joined_twice", "A comma-joined value is never split.", f"{Benti.SECRET}, {Benti.SECRET}")
    yield mismatch("in_quotes", "Quotes belong to the value.", f'"{Benti.SECRET}"')
    about = "HyperChat's rule, an HMAC of the body under the same header name, is never guessed from the request."
    yield mismatch("hmac_of_the_body", about, mac(Benti.SECRET, BODY).hex())
    about = "Sending the digest of the secret proves no knowledge of it."
    yield mismatch("hmac_of_the_secret", about, mac(Benti.SECRET, Benti.SECRET).hex())
    about = "The byte E9 is not the UTF-8 text `é`."
    yield mismatch("latin1_for_utf8", about, "cl\u00e9", keys=[key("clé")])
    about = "A no-break space is not removed as white space."
    yield mismatch("no_break_space_around", about, f"\u00a0{Benti.SECRET}")


def keys():
    def ring(name, about, *ring, **rest):
        return post(f"keys/{name}", about, keys=list(ring), **rest)

    right = key(Benti.SECRET)
    yield ring("second_of_two", "A key without an id is named by its position.", key("old"),
               right).accepted(ticket(), key_id="1")
    yield ring("named", "A key's own id is reported.", key("old", id="a"),
               key(Benti.SECRET, id="b")).accepted(ticket(), key_id="b")
    others = [key(f"other-{n}") for n in range(15)]
    yield ring("sixteenth_of_sixteen", "The last key of a full ring matches.", *others,
               right).accepted(ticket(), key_id="15")
    yield ring("none_of_two", "No key of the ring matches.", key("old"), key("older")).refused("signature_mismatch")
    now, before, after = "2026-03-04T05:06:10Z", "2026-03-04T05:06:09.999Z", "2026-03-04T05:06:10.001Z"
    for name, about, validity, holds in (
        ("not_before_is_now", "`not_before` is inclusive.", {"not_before": now}, True),
        ("not_before_is_ahead", "A key is not yet valid one millisecond before its first one.", {"not_before": after},
         False),
        ("not_after_is_now", "`not_after` is inclusive.", {"not_after": now}, True),
        ("not_after_is_past", "A key is not valid one millisecond after its last one.", {"not_after": before}, False),
    ):
        request = ring(f"validity_{name}", about, key(Benti.SECRET, **validity), now=now)
        yield request.accepted(ticket()) if holds else request.refused("signature_mismatch")
    expired = key(Benti.SECRET, not_after=before)
    about = "An expired secret no longer answers a handshake."
    yield Handshake("expired_secret", about, keys=[expired], now=now).refused("signature_mismatch")


def handshakes():
    unsigned = {"allow_unsigned_handshake": True}
    yield Handshake("signed", "The challenge is the body of the answer and echoed in the header.").answered()
    about = "The instance family's GET has no secret. It is accepted if allow_unsigned_handshake is set."
    yield Handshake("unsigned_allowed", about, signature=ABSENT, options=unsigned).answered()
    about = "A secret that may be absent is checked if it is sent. Here it is right."
    yield Handshake("signed_though_optional", about, options=unsigned).answered()
    second = [key("old"), key(Benti.SECRET)]
    yield Handshake("second_key", "Any key of the ring answers.", keys=second).answered()
    every = "".join(map(chr, range(0x21, 0x7F)))
    yield Handshake("every_visible_character", "All of 21 to 7E is visible ASCII.", every).answered(every)
    yield Handshake("one_character", "One character is a challenge.", "x").answered("x")
    yield Handshake("256_characters", "A challenge of 256 bytes is echoed.", "c" * 256).answered("c" * 256)
    about = "White space around the challenge is not part of it and not counted."
    yield Handshake("white_space_around", about, " \t" + "c" * 256 + "  ").answered("c" * 256)
    about = "Markup is visible ASCII; as text/plain it is harmless."
    yield Handshake("markup", about, "<b>c&amp;</b>").answered("<b>c&amp;</b>")
    yield Handshake("body_not_read", "The body of a GET is not read.", body="{ not JSON").answered()
    about = "A window is for deliveries; a handshake has no time."
    yield Handshake("window_set", about, options={"window": [60, 60]}).answered()
    name = [("x-inbenta-CHALLENGE", "c4f1e7d2")]
    yield Handshake("name_in_any_case", "The challenge's name is read in any case.", ABSENT, more=name).answered()


def handshakes_refused():
    unsigned = {"allow_unsigned_handshake": True}
    yield Handshake("secret_absent", "A handshake without the secret is refused.",
                    signature=ABSENT).refused("missing_signature")
    yield Handshake("secret_wrong", "A handshake with a wrong secret is refused as a delivery is.",
                    signature="wrong").refused("signature_mismatch")
    about = "A wrong secret is refused even if an absent one is allowed."
    yield Handshake("secret_wrong_unsigned_allowed", about, signature="wrong",
                    options=unsigned).refused("signature_mismatch")
    yield Handshake("secret_empty_unsigned_allowed", "An empty secret is not an absent one.", signature="",
                    options=unsigned).refused("malformed_signature")
    yield Handshake("secret_beyond_latin1", "A character above U+00FF is not a byte of a header.",
                    signature="ключ").refused("malformed_signature")
    again = [("X-Hook-Signature", Benti.SECRET)]
    yield Handshake("secret_twice", "Two secrets are refused.", more=again).refused("repeated_header")
    yield Handshake("secret_twice_unsigned_allowed", "Two secrets are refused even if an absent one is allowed.",
                    more=again,
                    options=unsigned).refused("repeated_header")
    yield Handshake("challenge_absent", "A GET without a challenge is not a handshake.",
                    ABSENT).refused("missing_challenge")
    yield Handshake("challenge_absent_unsigned", "A GET without a secret and a challenge is not a handshake either.",
                    ABSENT,
                    signature=ABSENT, options=unsigned).refused("missing_challenge")
    about = "The secret is checked before the challenge."
    yield Handshake("secret_wrong_challenge_absent", about, ABSENT, signature="wrong").refused("signature_mismatch")
    yield Handshake("secret_absent_challenge_malformed", about, "a b", signature=ABSENT).refused("missing_signature")

    def malformed(name, about, challenge, **rest):
        return Handshake(f"challenge_{name}", about, challenge, **rest).refused("malformed_challenge")

    yield malformed("empty", "An empty challenge is malformed, not missing.", "")
    yield malformed("only_white_space", "A challenge of only white space is empty.", " \t")
    yield malformed("257_characters", "A challenge of 257 bytes is not echoed.", "c" * 257)
    yield malformed("inner_space", "A space is not visible.", "two words")
    yield malformed("inner_tab", "A tab is not visible.", "two\twords")
    yield malformed("control_character", "A control character is not echoed.", "c\x01d")
    yield malformed("delete_character", "U+007F is not visible.", "c\x7fd")
    yield malformed("latin1", "A byte above 7E is not ASCII.", "caf\u00e9")
    yield malformed("beyond_latin1", "A character above U+00FF is not a byte of a header.", "чек")
    yield malformed("unsigned", "The rule for the challenge is the same without a secret.", "a b", signature=ABSENT,
                    options=unsigned)
    again = [("x-inbenta-challenge", "c4f1e7d2")]
    yield Handshake("challenge_twice", "Two challenges are refused, even equal ones.",
                    more=again).refused("repeated_header")
    yield Handshake("challenge_twice_unsigned", "Two challenges are refused without a secret too.", more=again,
                    signature=ABSENT, options=unsigned).refused("repeated_header")
    yield Handshake("body_over_the_limit", "The size limit holds for the body of a GET.", body="0123456789!",
                    options={"max_body_bytes": 10}).refused("payload_too_large")
    yield Handshake("encoded", "An encoded GET is refused.",
                    more=[("Content-Encoding", "gzip")]).refused("unsupported_content_encoding")


def windowed(name, about, now, window=(300, 300), body=BODY):
    return post(f"window/{name}", about, body, now=now, options={"window": list(window)})


def window_borders():
    yield windowed("300_seconds_old", "A window is inclusive: exactly 300 s old is fresh.",
                   "2026-03-04T05:11:07Z").accepted(ticket())
    yield windowed("300_001_milliseconds_old", "300 s and one millisecond old is stale.",
                   "2026-03-04T05:11:07.001Z").refused("stale")
    yield windowed("301_seconds_old", "301 s old is stale.", "2026-03-04T05:11:08Z").refused("stale")
    yield windowed("300_seconds_ahead", "Exactly 300 s ahead is fresh.", "2026-03-04T05:01:07Z").accepted(ticket())
    yield windowed("300_001_milliseconds_ahead", "300 s and one millisecond ahead is from the future.",
                   "2026-03-04T05:01:06.999Z").refused("from_the_future")
    yield windowed("own_past_exceeded", "One millisecond more than a narrow window into the past is stale.",
                   "2026-03-04T05:06:12.001Z",
                   (5, 0)).refused("stale")
    yield windowed("own_future_exceeded",
                   "One millisecond ahead is outside of a window of zero seconds into the future.",
                   "2026-03-04T05:06:06.999Z",
                   (5, 0)).refused("from_the_future")
    yield post("window/not_enforced_by_default", "Without a window a late batch is read.",
               now="2027-01-01T00:00:00Z").accepted(ticket())
    yield post("window/future_by_default", "Without a window an event ahead is read.",
               now="2025-01-01T00:00:00Z").accepted(ticket())
    yield post("window/off", "The window is off by default. Here it is given explicitly.", now="2027-01-01T00:00:00Z",
               options={"window": "off"}).accepted(ticket())


def windows_over_several():
    def at(identifier, timestamp):
        return f'{{"id":{identifier},"item":"ticket","action":"update","timestamp":{timestamp}}}'

    def seen(raw, identifier, time, **fields):
        return event("ticket.updated", "ticket.update", ("ticket", str(identifier)), raw, time=time, **fields)

    old, new, ahead, timeless = at(1, 1772500000), at(2, 1772600767), at(3, 1772700000), at(4, "null")
    now = "2026-03-04T05:06:10Z"
    about = "The age of a delivery is that of its newest event, at any position."
    yield windowed("newest_event_counts", about, now, body=f"[{new},{old}]").accepted(
        seen(new, 2, TIME), seen(old, 1, "2026-03-03T01:06:40Z"))
    yield windowed("all_events_old", "A delivery without one fresh event is stale.", now,
                   body=f"[{old},{old}]").refused("stale")
    about = "If one event is too far ahead, the delivery is refused."
    yield windowed("one_event_ahead", about, now, body=f"[{new},{ahead}]").refused("from_the_future")
    about = "An event without a time is accepted together with a fresh one."
    yield windowed("one_event_without_time", about, now, body=f"[{timeless},{new}]").accepted(
        seen(timeless, 4, None), seen(new, 2, TIME))
    about = "If a window is set, a delivery without any time is refused."
    yield windowed("no_time_at_all", about, now, body=f"[{timeless}]").refused("missing_timestamp")
    yield windowed("empty_list", "An empty list has no time either.", now, body="[]").refused("missing_timestamp")
    about = "A created_at without a zone is compared with the window as it is read."
    shifted = '{"events":[{"id":"r1","action":"close-ticket","created_at":"20260304060607","body":{"ticket_id":9}}]}'
    options = {"window": [300, 300]}
    yield post("window/created_at_read_as_utc", about, shifted, options=options).refused("from_the_future")
    raw = shifted[len('{"events":['):-2]
    about = "With the instance's offset of an hour the same event is fresh."
    yield post("window/created_at_with_offset", about, shifted, options=options | {"utc_offset_minutes": 60}).accepted(
        event("ticket.closed", "close-ticket", ("ticket", "9"), raw, id="r1", time=TIME, zone_assumed=True))


def order_of_checks():
    options = {"window": [1, 1]}
    about = "The body is read before its age is known: broken wins over stale."
    yield post("order/body_before_window", about, f"[{TICKET},‸]", now="2027-01-01T00:00:00Z",
               options=options).refused("malformed_payload")
    about = "A wrong secret is found before a broken body."
    yield post("order/secret_before_body", about, "[", signature="wrong").refused("signature_mismatch")
    about = "A missing secret is found before an empty body."
    yield post("order/missing_secret_before_body", about, "", signature=ABSENT).refused("missing_signature")
    small = {"max_body_bytes": 10}
    about = "The size is checked before the secret."
    yield post("order/size_before_secret", about, signature="wrong", options=small).refused("payload_too_large")
    gzip = [("Content-Encoding", "gzip")]
    about = "The encoding is checked before the size and the secret."
    yield post("order/encoding_first", about, signature="wrong", more=gzip,
               options=small).refused("unsupported_content_encoding")
    about = "The method is checked before everything else."
    yield post("order/method_first", about, method="DELETE", signature="wrong", more=gzip,
               options=small).refused("method_not_allowed")
    about = "Too many events are found before they are too old."
    yield post("order/events_before_window", about, f"[{TICKET},{TICKET}]", now="2027-01-01T00:00:00Z",
               options=options | {"max_events": 1}).refused("too_many_events")

"""Ids, replay keys and their retention, by policy, source and `id_key`, for every vendor and family."""

from .bento_events import tracked
from .vector import ABSENT, Benji, Benti, Bento, SignedTime, event, key, listed

ID_KEY = "an id key of the receiver's own, 41 bytes"
WEEK_SECONDS = 604_800
JO = ("subscriber", "jo@example.com")
TICKET = '{"id":100,"item":"ticket","action":"update","timestamp":1772600767,"actor":7,"parent":null}'
CLOSED = '{"id":"r-1","action":"close-ticket","created_at":"20260304050607","body":{"ticket_id":"P-7"}}'
UNNAMED = '{"action":"close-ticket","created_at":"20260304050607","body":{"ticket_id":"P-7"}}'
VIEW = '{"type":"$view","email":"jo@example.com"}'
BOUGHT = '{"type":"$purchase","email":"jo@example.com","details":{"unique":{"key":"ord_1"}}}'


def vectors():
    yield from policies_and_retentions()
    yield from windows_and_retentions()
    yield from policies_change_no_check()
    yield from id_keys()
    yield from id_keys_of_benji()
    yield from sources()
    yield from dates_in_seconds()
    yield from vendor_ids()
    yield from unique_keys()
    yield from attributes()


# One request of each family, as a function of the case, the sentence and the options.

def old_scheme(case, about, **options):
    return Benji(case, about, options=options).accepted()


def signed_time(case, about, **options):
    return SignedTime(case, about, options=options).accepted()


def undated(case, about, **options):
    return Benji(case, about, date=ABSENT, options={"allow_missing_date": True} | options).accepted(time=None)


def api(case, about, **options):
    return Benti(case, about, TICKET, options=options).accepted(
        event("ticket.updated", "ticket.update", ("ticket", "100"), TICKET, actor=("user", "7"),
              time="2026-03-04T05:06:07Z"))


def closed(raw=CLOSED, **fields):
    return event("ticket.closed", "close-ticket", ("ticket", "P-7"), raw, time="2026-03-04T05:06:07Z",
                 zone_assumed=True, **fields)


def instance(case, about, **options):
    return Benti(case, about, f'{{"events":[{CLOSED}]}}', options=options).accepted(closed(id="r-1", cloudevent=True))


def unnamed(case, about, **options):
    return Benti(case, about, UNNAMED, options=options).accepted(closed(UNNAMED))


def two_of_benti(case, about, **options):
    return Benti(case, about, f"[{CLOSED},{UNNAMED}]", options=options).accepted(closed(id="r-1"), closed(UNNAMED))


def viewed():
    return event("subscriber.tracked", "$view", JO, VIEW)


def bought():
    return event("subscriber.purchased", "$purchase", JO, BOUGHT, unique_key="ord_1", cloudevent=True)


def view(case, about, **options):
    return Bento(case, about, listed("events", VIEW), options=options).accepted(viewed())


def purchase(case, about, **options):
    return Bento(case, about, listed("events", BOUGHT), options=options).accepted(bought())


def two_of_bento(case, about, **options):
    return Bento(case, about, listed("events", VIEW, BOUGHT), options=options).accepted(viewed(), bought())


def workflow(case, about, **options):
    return Bento(case, about, '{"event":"ping","email":"jo@example.com"}', options=options).accepted(
        event("workflow.reached", "ping", JO))


FAMILIES = (old_scheme, signed_time, undated, api, instance, unnamed, two_of_benti, view, purchase, two_of_bento,
            workflow)
SENTENCES = {
    old_scheme: "of Benji's older scheme", signed_time: "whose time Benji signed", undated: "of Benji without a date",
    api: "of Benti's API", instance: "of Benti's instance", unnamed: "of Benti's instance without an id",
    two_of_benti: "of Benti with two elements", view: "of Bento with an event",
    purchase: "of Bento with a unique key", two_of_bento: "of Bento with two elements",
    workflow: "of a Bento workflow",
}


def each(case, sentence, **options):
    for family in FAMILIES:
        about = f"A delivery {SENTENCES[family]}: {sentence}"
        yield family(f"{case}/{family.__name__}", about, **options)


def policies_and_retentions():
    yield from each("policy_default", "the policy `default`, given explicitly.", replay_policy="default")
    yield from each("policy_strict", "the policy `strict`.", replay_policy="strict")
    yield from each("policy_none", "with the policy `none` there is no key.", replay_policy="none")
    yield from each("retention", "a configured retention.", replay_retention_seconds=WEEK_SECONDS)
    yield from each("retention_strict", "a configured retention also replaces the unlimited one of `strict`.",
                    replay_policy="strict", replay_retention_seconds=WEEK_SECONDS)
    for case, seconds in (("shortest", 1), ("longest", 2**32 - 1)):
        for family in (old_scheme, api, view):
            about = f"A delivery {SENTENCES[family]}: the {case} retention."
            yield family(f"retention/{case}_{family.__name__}", about, replay_retention_seconds=seconds)


def windows_and_retentions():
    def kept(case, about, window, **options):
        for family in (old_scheme, signed_time):
            yield family(f"retention/{family.__name__}_{case}", about, window=window, **options)

    yield from kept("own_window", "Keys are kept for the window's two halves and a second.", [600, 60])
    yield from kept("one_sided_window", "A window only into the past.", [3600, 0])
    yield from kept("window_of_a_day", "A window of a day, and more than a day in all.", [86_400, 300])
    yield from kept("window_off", "Without a window keys are kept for a day.", "off")
    yield from kept("own_window_strict", "With `strict` and a window, only a key of the older scheme is kept for ever.",
                    [600, 60],
                    replay_policy="strict")
    yield from kept("window_off_strict",
                    "With `strict` and no window, only a key of the older scheme is kept for ever.", "off",
                    replay_policy="strict")
    yield from kept("window_and_own", "A configured retention replaces that of the window.", [600, 60],
                    replay_retention_seconds=5)
    yield from kept("window_off_and_own", "A configured retention also counts without a window.", "off",
                    replay_retention_seconds=5)
    about = "Without a date keys are kept for a day, with any window."
    yield undated("retention/undated_own_window", about, window=[600, 60])
    yield undated("retention/undated_window_off", about, window="off")
    about = "A window of Benti's does not change how long keys are kept."
    yield api("retention/benti_window", about, window=[600, 60])
    yield instance("retention/benti_window_of_instance", about, window=[600, 60])


def policies_change_no_check():
    late, wrong = "2026-03-04T05:11:07.001Z", "0" * 64
    for policy in ("strict", "none"):
        options = {"replay_policy": policy}
        about = f"The policy `{policy}` leaves every check as it is"
        yield Benji(f"policy_{policy}/stale", f"{about}: a stale date.", now=late, options=options).refused("stale")
        yield SignedTime(f"policy_{policy}/signed_stale", f"{about}: a stale date that was signed.", now=late,
                         options=options).refused("stale")
        yield Benji(f"policy_{policy}/missing_date", f"{about}: a missing date.", date=ABSENT, options=options).refused(
            "missing_timestamp")
        yield Benji(f"policy_{policy}/mismatch", f"{about}: a wrong signature.", signature=wrong,
                    options=options).refused("signature_mismatch")
        yield Benti(f"policy_{policy}/wrong_secret", f"{about}: a wrong secret.", TICKET, signature="wrong",
                    options=options).refused("signature_mismatch")
        yield Benti(f"policy_{policy}/broken", f"{about}: a broken body.", "[‸", options=options).refused(
            "malformed_payload")
        yield Bento(f"policy_{policy}/wrong_password", f"{about}: wrong credentials.", listed("events", VIEW),
                    credentials="Basic cHVibGlzaGFibGU6d3Jvbmc=", options=options).refused("signature_mismatch")
        yield Bento(f"policy_{policy}/nothing_readable", f"{about}: no readable event.", '{"events":[‸1]}',
                    options=options).refused("malformed_payload", "/events/0")
    options = {"id_key": ID_KEY}
    about = "An id_key authenticates nothing"
    yield Benji("id_key/as_the_salt", f"{about}: a MAC made with it does not match.",
                signature=lambda m: SignedTime("x", "", salt=ID_KEY).mac.hex(), options=options).refused(
        "signature_mismatch")
    yield SignedTime("id_key/of_a_signed_time", f"{about}: the salt is still asked for.", signature=wrong,
                     options=options).refused("signature_mismatch")
    yield Benti("id_key/as_the_secret", f"{about}: it does not count as a secret.", TICKET, signature=ID_KEY,
                options=options).refused("signature_mismatch")
    yield Bento("id_key/as_the_token", f"{about}: it does not count as a token.", listed("events", VIEW),
                scheme=Bento.BEARER,
                credentials=f"Bearer {ID_KEY.replace(' ', '-')}", options=options).refused("signature_mismatch")


def id_keys():
    yield from each("id_key", "ids and keys made with an id_key.", id_key=ID_KEY)
    yield from each("id_key_strict", "ids and keys made with an id_key, and the policy `strict`.", id_key=ID_KEY,
                    replay_policy="strict")
    for family in (old_scheme, signed_time, instance, view, purchase):
        named = family.__name__
        about = f"A delivery {SENTENCES[family]}: with the policy `none` only ids are made with the id_key."
        yield family(f"id_key/{named}_policy_none", about, id_key=ID_KEY, replay_policy="none")
        about = f"A delivery {SENTENCES[family]}: the source is part of what the id_key signs."
        yield family(f"id_key/{named}_own_source", about, id_key=ID_KEY, source="urn:example:shop")
    for case, text in (("32_bytes", "0123456789abcdef" * 2), ("64_bytes", "0123456789abcdef" * 4),
                       ("65_bytes", "0123456789abcdef" * 4 + "!"), ("200_bytes", "k" * 200),
                       ("32_bytes_beyond_ascii", "ü" * 16), ("white_space", " " + "k" * 31 + "\n")):
        for family in (old_scheme, view):
            about = f"An id_key of {case.replace('_', ' ')} is used as its exact UTF-8 bytes."
            yield family(f"id_key/{family.__name__}_{case}", about, id_key=text)


def id_keys_of_benji():
    options = {"id_key": ID_KEY}
    about = "With a new salt the same message has the same id and keys, because the MAC is not a part of them."
    yield Benji("id_key/old_scheme_rotated", about, salt="salt-after-rotation", options=options).accepted()
    yield SignedTime("id_key/signed_time_rotated", about, salt="salt-after-rotation", options=options).accepted()
    about = "The id and keys are also the same while both salts of a rotation are in the ring."
    yield Benji("id_key/old_scheme_in_a_ring", about, salt="salt-after-rotation", options=options,
                keys=[key(Benji.SALT), key("salt-after-rotation")]).accepted(key_id="1")
    about = "The signed message begins with the date as it arrived: another form of one instant has another id."
    for case, date in (("rfc3339", "2026-03-04T05:06:07Z"), ("unix_seconds", "1772600767")):
        yield SignedTime(f"id_key/signed_time_{case}", about, timestamp=date, options=options).accepted()
    about = "White space around the date is not a part of the message."
    yield SignedTime("id_key/signed_time_white_space", about, timestamp=f"\t{Benji.DATE} ", options=options).accepted()
    about = "In the older scheme the date is a part of the id and, in seconds, of the key."
    yield Benji("id_key/old_scheme_milliseconds", about, date="2026-03-04T05:06:07.089Z", options=options).accepted(
        time="2026-03-04T05:06:07.089Z")
    about = "White space of the body is part of the message."
    yield Benji("id_key/old_scheme_body_white_space", about, Benji.SAMPLE + "\n", options=options).accepted()


def sources():
    shop = {"source": "https://example.com/hooks?shop=1#a"}
    yield from each("source", "the source is part of every id and key.", **shop)
    for family in (old_scheme, signed_time, api, view):
        about = f"A delivery {SENTENCES[family]}: another source, other ids and keys."
        yield family(f"source/{family.__name__}_of_another_shop", about, source="https://example.com/hooks?shop=2#a")
        about = f"A delivery {SENTENCES[family]}: the source under `strict`."
        yield family(f"source/{family.__name__}_strict", about, replay_policy="strict", **shop)
    about = "The default source, given explicitly, changes nothing."
    yield old_scheme("source/benji_default", about, source="urn:hookseal:benji")
    yield api("source/benti_default", about, source="urn:hookseal:benti")
    yield view("source/bento_default", about, source="urn:hookseal:bento")


def dates_in_seconds():
    """The older scheme's date is not signed: with milliseconds in the key, a thief would get a key for each of them."""
    def dated(case, about, date, time=None, **options):
        return Benji(f"date_in_keys/{case}", about, date=date, options=options).accepted(time=time or date)

    about = "Dates with other milliseconds of the same second give the same key but another id."
    for digits in ("001", "500", "999"):
        yield dated(f"milliseconds_{digits}", about, f"2026-03-04T05:06:07.{digits}Z")
    yield dated("next_second", "The next second has another key.", "2026-03-04T05:06:08.001Z")
    about = "Under `strict` no date is part of the key."
    yield dated("strict_milliseconds", about, "2026-03-04T05:06:07.500Z", replay_policy="strict")
    yield dated("strict_next_second", about, "2026-03-04T05:06:08.001Z", replay_policy="strict")
    yield Benji("date_in_keys/strict_undated", about, date=ABSENT,
                options={"replay_policy": "strict", "allow_missing_date": True}).accepted(time=None)
    off = {"window": "off"}
    about = "Seconds are cut downwards, also before 1970."
    for case, date in (("last_second_of_1969", "1969-12-31T23:59:59.001Z"), ("start_of_it", "1969-12-31T23:59:59Z"),
                       ("the_second_before", "1969-12-31T23:59:58.500Z"), ("first_of_1970", "1970-01-01T00:00:00.001Z"),
                       ("zero", "1970-01-01T00:00:00Z"), ("year_0001", "0001-01-01T00:00:00.001Z")):
        yield dated(f"cut_{case}", about, date, **off)
    about = "A signed date is part of the MAC: its milliseconds make another key."
    for digits in ("001", "999"):
        date = f"2026-03-04T05:06:07.{digits}Z"
        yield SignedTime(f"date_in_keys/signed_{digits}", about, timestamp=date).accepted(time=date)
    about = "In the older scheme the same instant in another form gives the same id and keys."
    for case, date in (("asctime", "Wed Mar  4 05:06:07 2026"), ("unix_seconds", "1772600767"),
                       ("finer_digits", "2026-03-04T05:06:07.0009Z")):
        yield Benji(f"date_in_keys/same_instant_{case}", about, date=date,
                    options={"replay_policy": "default"}).accepted()


def vendor_ids():
    def read(case, about, identifier, text=None, cloudevent=True):
        raw = CLOSED.replace('"r-1"', text or f'"{identifier}"')
        return Benti(f"vendor_ids/{case}", about, raw).accepted(closed(raw, id=identifier, cloudevent=cloudevent))

    encoded = "is percent-encoded in an id that the vendor gave"
    for case, about, identifier, text in (
        ("percent", f"`%` {encoded}, so that encoded characters can be recognized.", "100%", None),
        ("looks_encoded", f"`%` {encoded}, even if it looks like an escape.", "a%23b", None),
        ("hash", f"`#` {encoded}, so that an index can be recognized.", "a#1", None),
        ("hash_alone", f"`#` {encoded}, even if it is the whole id.", "#", None),
        ("space", f"White space {encoded}.", " a b ", None),
        ("space_alone", "An id of only white space is not empty.", " ", None),
        ("tab_and_line_feed", f"A control character {encoded}.", "a\tb\nc", '"a\\tb\\nc"'),
        ("zero_byte", f"U+0000 {encoded}.", "a\0b", '"a\\u0000b"'),
        ("delete_and_c1", f"A control character beyond U+007E {encoded}.", "a\x7fb\x85", None),
        ("no_break_space", f"White space beyond ASCII {encoded}.", "a\u00a0b\u2003c\u3000", None),
        ("line_separators", f"A line separator {encoded}.", "a\u2028b\u2029", None),
        ("direction", f"A direction character {encoded}: no id can reverse a line of a log.",
         "a\u202eb\u2066c\u200f", None),
        ("byte_order_mark", f"A format character {encoded}.", "\ufeffa\u200b\u00adb\u2060", None),
        ("tag_characters", f"A format character of four bytes {encoded}.", "a\U000e0001\U000e0041b", None),
        ("noncharacters", f"A noncharacter {encoded}.", "a\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0010ffff", None),
        ("near_noncharacters", "The neighbours of noncharacters are characters.", "a\ufdcf\ufdf0\ufffd", None),
        ("letters", "Letters of any script, marks and emoji stay.", "Zoë-заявка-票\u0301🍱", None),
        ("ascii_signs", "Other signs of ASCII stay.", "!$&'()*+,-./:;<=>?@[]^_`{|}~", None),
        ("quote_and_backslash", "A quotation mark and a backslash stay.", 'a"b\\c', '"a\\"b\\\\c"'),
    ):
        yield read(case, about, identifier, text)

    def two(case, about, first, second):
        raws = [CLOSED.replace("r-1", name) for name in (first, second)]
        return Benti(f"vendor_ids/{case}", about, f"[{raws[0]},{raws[1]}]").accepted(
            closed(raws[0], id=first, cloudevent=True), closed(raws[1], id=second))

    yield two("index_behind_hash", "The index's `#` is the only one that is not encoded.", "a#0", "a")
    yield two("index_behind_digits", "An id that ends like an index differs from one with that index.", "a", "a#1")
    yield two("equal_ids", "If two events of a delivery have the same id, the index distinguishes them.", "a", "a")
    about = "An id that looks like a digest is still the vendor's."
    yield read("looks_like_a_digest", about, "0123456789abcdef0123456789abcdef")


def unique_keys():
    def read(case, about, raw, name, unique_key, subject=JO, **fields):
        kind = {"$purchase": "subscriber.purchased"}.get(name, "subscriber.tracked")
        return Bento(f"unique_key_ids/{case}", about, listed("events", raw)).accepted(
            event(kind, name, subject, raw, unique_key=unique_key, **fields))

    def of(name, unique_key, email='"jo@example.com"', **more):
        return tracked(name, email, details=f'{{"unique":{{"key":{unique_key}}}}}', **more)

    one = "The text `1001` and the number `1001` are one key."
    yield read("text_1001", one, of("$purchase", '"1001"'), "$purchase", "1001")
    yield read("number_1001", one, of("$purchase", "1001"), "$purchase", "1001")
    yield read("escaped_1001", "The text with an escape is the same key.", of("$purchase", '"\\u0031001"'), "$purchase",
               "1001")
    yield read("number_1001.0", "A number is a key as it is written: `1001.0` is another one.",
               of("$purchase", "1001.0"), "$purchase", "1001.0")
    yield read("number_1001e0", "`1001e0` is another key than `1001`.", of("$purchase", "1001e0"), "$purchase",
               "1001e0")
    yield read("sent_again", "One purchase sent again with another date keeps its id.",
               of("$purchase", '"1001"', date='"2026-03-05T05:06:07Z"'), "$purchase", "1001",
               time="2026-03-05T05:06:07Z")
    yield read("other_type", "Another event of the order has another id.", of("$OrderShipped", '"1001"'),
               "$OrderShipped", "1001")
    yield read("other_email", "The order's event of another subscriber has another id.",
               of("$purchase", '"1001"', '"al@example.com"'), "$purchase", "1001", ("subscriber", "al@example.com"))
    yield read("email_in_other_case", "E-mail addresses are compared as they are.",
               of("$purchase", '"1001"', '"Jo@example.com"'), "$purchase", "1001", ("subscriber", "Jo@example.com"))
    yield read("type_and_email_escaped", "Type and e-mail count unescaped.",
               of("\\u0024purchase", '"1001"', '"jo\\u0040example.com"'), "$purchase", "1001")
    about = "Type and key have a border: `ab` and `c` are not `a` and `bc`."
    yield read("border_ab_c", about, of("ab", '"c"'), "ab", "c")
    yield read("border_a_bc", about, of("a", '"bc"'), "a", "bc")
    about = "A key is kept as it is: white space, `#` and `%` count and are not encoded."
    yield read("hash_and_percent", about, of("$purchase", '"a #1%"'), "$purchase", "a #1%")
    yield read("beyond_ascii", "A key counts as its bytes in UTF-8.", of("$purchase", '"bestellung_ö_🍱"'), "$purchase",
               "bestellung_ö_🍱")
    yield read("escaped_pair", "A key that is written with escapes counts as its bytes in UTF-8 too.",
               of("$purchase", '"bestellung_\\u00f6_\\ud83c\\udf71"'), "$purchase", "bestellung_ö_🍱")
    names = ("$OrderPlaced", "$purchase", "$OrderShipped")
    raws = [of(name, '"1001"') for name in names]
    kinds = ("subscriber.tracked", "subscriber.purchased", "subscriber.tracked")
    about = "Several events of one order in one delivery: each has its id, without an index."
    yield Bento("unique_key_ids/of_one_order", about, listed("events", *raws)).accepted(*(
        event(kind, name, JO, raw, unique_key="1001", cloudevent=True)
        for kind, name, raw in zip(kinds, names, raws, strict=True)))
    about = "Beside a malformed element such an id has no index either."
    yield Bento("unique_key_ids/beside_a_malformed_one", about, listed("events", "1", raws[1])).accepted(
        event(kinds[1], names[1], JO, raws[1], unique_key="1001", index=1), malformed=[(0, "/events/0")])


def attributes():
    """The characters that are percent-encoded in a CloudEvent's type and subject."""
    for case, name in (
        ("percent_and_hash", "a%20b#c"), ("direction", "a\u202eb\u2067c"), ("format", "\ufeffa\u200d\u00adb"),
        ("noncharacter", "a\ufdd0b\uffff"), ("white_space", "a\u1680b\u205fc"), ("letters", "é-ж-票-🍱"),
    ):
        text = f'{{"event":"{name}","entity_type":3,"entity_id":"{name}"}}'
        about = "A CloudEvent's type and subject hold no invisible character, and no unencoded `%` or `#`."
        yield Benji(f"attributes/{case}", about, text).accepted("transaction.other", name, ("transaction", name),
                                                                cloudevent=True)
        raw = f'{{"id":"{name}","item":"{name}","action":"{name}"}}'
        yield Benti(f"attributes/{case}", about, raw).accepted(
            event("other.other", f"{name}.{name}", ("other", name), raw, cloudevent=True))
        raw = f'{{"type":"{name}","email":"{name}"}}'
        yield Bento(f"attributes/{case}", about, listed("events", raw)).accepted(
            event("subscriber.tracked", name, ("subscriber", name), raw, cloudevent=True))
        raw = f'{{"command":"{name}","uuid":"{name}"}}'
        yield Bento(f"attributes/{case}_of_a_command", about, f'{{"command":{raw}}}').accepted(
            event("subscriber.commanded", name, ("subscriber", name), raw, cloudevent=True))

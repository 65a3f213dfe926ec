"""Bento (core/docs/bento.md): events, their types, dates and unique keys; and events that cannot be read."""

from .vector import Bento, event, listed

JO = ("subscriber", "jo@example.com")


def vectors():
    yield from event_types()
    yield from dates()
    yield from unique_keys()
    yield from documented_samples()
    yield from malformed_events()


def tracked(kind="$view", email='"jo@example.com"', **more):
    """An event, from JSON texts."""
    fields = {"type": f'"{kind}"', "email": email} | more
    return "{" + ",".join(f'"{name}":{value}' for name, value in fields.items()) + "}"


def seen(raw, name="$view", kind="subscriber.tracked", subject=JO, **fields):
    return event(kind, name, subject, raw, **fields)


def event_types():
    for name, kind in (
        ("$purchase", "purchased"), ("$subscribe", "subscribed"), ("$unsubscribe", "unsubscribed"), ("$tag", "tagged"),
        ("$remove_tag", "untagged"), ("$update_fields", "updated"),
    ):
        raw = tracked(name, fields='{"plan":"pro"}', date='"2026-03-04T05:06:07Z"')
        about = f"`{name}` is subscriber.{kind}."
        yield Bento(f"event/{name[1:]}", about, listed("events", raw)).accepted(
            seen(raw, name, f"subscriber.{kind}", time="2026-03-04T05:06:07Z", cloudevent=True))

    def other(case, about, name, text=None):
        raw = tracked(text or name)
        return Bento(f"event/{case}", about, listed("events", raw)).accepted(seen(raw, name, cloudevent=True))

    yield other("click", "Any other type is subscriber.tracked: `$click`.", "$click")
    yield other("custom", "Any other type is subscriber.tracked: the vendor's sample.", "purchase_completed")
    yield other("type_in_other_case", "Types are case-sensitive.", "$Purchase")
    yield other("type_without_dollar", "`purchase` is not `$purchase`.", "purchase")
    yield other("type_with_white_space", "White space in a type is percent-encoded in the CloudEvent.",
                "Order  Placed\u00a0now", "Order  Placed\\u00a0now")
    yield other("type_with_percent", "A percent sign is percent-encoded in the CloudEvent too.", "100%_off")
    yield other("type_beyond_ascii", "A type may be any text.", "achat_terminé_🍱", "achat_terminé_\\ud83c\\udf71")
    raw = tracked("\\u0024purchase")
    yield Bento("event/type_escaped", "A type is compared after unescaping.", listed("events", raw)).accepted(
        seen(raw, "$purchase", "subscriber.purchased"))
    details = '{"nested":{"a":[1,2.5,null,true,{"b":{}}]},"big":18446744073709551616,"f":1.0e+21,"zero":-0.0}'
    raw = tracked(details=details, fields='{"first_name":"Jos\\u00e9","tags":["a"],"lone":"\\ud83c"}')
    about = "Details and fields are kept byte for byte, numbers and lone surrogates included."
    yield Bento("event/details_of_any_kind", about, listed("events", raw)).accepted(seen(raw))
    raw = '{"date":null,"details":[],"email":"jo@example.com","fields":null,"type":"$view","type2":1,"fields":1}'
    about = "The members may be in any order. Unread ones may be null, of another kind, or repeated."
    yield Bento("event/any_order", about, listed("events", raw)).accepted(seen(raw, cloudevent=True))
    raw = tracked(email='"Jo Doe <JO@Example.com>"')
    about = "An e-mail address is kept as it is: neither checked nor lower-cased."
    yield Bento("event/email_as_it_is", about, listed("events", raw)).accepted(
        seen(raw, subject=("subscriber", "Jo Doe <JO@Example.com>"), cloudevent=True))
    raw = tracked(email='"jo"')
    about = "A subscriber's id never enters the CloudEvent's subject, not even one without an `@`."
    yield Bento("event/email_without_at_sign", about, listed("events", raw)).accepted(
        seen(raw, subject=("subscriber", "jo"), cloudevent=True))


def dated(case, about, date, time=None):
    """An event with this date in JSON, and the time that is read from it."""
    raw = tracked(date=date)
    return Bento(f"date/{case}", about, listed("events", raw)).accepted(seen(raw, time=time, cloudevent=True))


def dates():
    time = "2026-03-04T05:06:07Z"
    yield dated("rfc3339", "RFC 3339 with Z is read; the delivery's time stays absent.", '"2026-03-04T05:06:07Z"', time)
    yield dated("rfc3339_milliseconds", "Milliseconds are kept.", '"2026-03-04T05:06:07.089Z"',
                "2026-03-04T05:06:07.089Z")
    yield dated("rfc3339_plus_zero", "`+00:00` is read.", '"2026-03-04T05:06:07+00:00"', time)
    yield dated("rfc3339_offset_east", "An offset is turned into UTC.", '"2026-03-04T10:36:07+05:30"', time)
    yield dated("rfc3339_offset_west", "An offset west of Greenwich moves the day.", '"2026-03-03T21:06:07-08:00"',
                time)
    yield dated("rfc3339_lower_case", "RFC 3339 allows `t` and `z`.", '"2026-03-04t05:06:07z"', time)
    yield dated("rfc3339_escaped", "Escapes in a date are decoded.", '"2026-03-04T05:06:07\\u005a"', time)
    yield dated("spaced_utc", "`YYYY-MM-DD hh:mm:ss UTC` is read.", '"2026-03-04 05:06:07 UTC"', time)
    yield dated("backdated", "Bento allows backdated events: nothing is stale.", '"1999-12-31T23:59:59Z"',
                "1999-12-31T23:59:59Z")
    yield dated("ahead", "Bento allows dates in the future: nothing is from_the_future.", '"2999-12-31T23:59:59Z"',
                "2999-12-31T23:59:59Z")
    yield dated("first_instant", "The first second of the year 0001.", '"0001-01-01T00:00:00Z"', "0001-01-01T00:00:00Z")
    unread = "the event is read without a time."
    yield dated("null", f"Null: {unread}", "null")
    yield dated("spaced_without_zone", f"No zone: {unread}", '"2026-03-04 05:06:07"')
    yield dated("spaced_gmt", f"This form does not allow GMT: {unread}", '"2026-03-04 05:06:07 GMT"')
    yield dated("spaced_joined", f"UTC without a space before it: {unread}", '"2026-03-04 05:06:07UTC"')
    yield dated("spaced_fraction", f"The form with UTC has no fraction: {unread}", '"2026-03-04 05:06:07.089 UTC"')
    yield dated("rfc3339_without_zone", f"No zone: {unread}", '"2026-03-04T05:06:07"')
    yield dated("date_alone", f"Only a day: {unread}", '"2026-03-04"')
    yield dated("february_30", f"A day that does not exist: {unread}", '"2026-02-30T05:06:07Z"')
    yield dated("second_60", f"A leap second: {unread}", '"2026-03-04T05:06:60Z"')
    yield dated("white_space_around", f"White space around it: {unread}", '" 2026-03-04T05:06:07Z"')
    yield dated("before_first_instant", f"An offset before the year 0001: {unread}", '"0001-01-01T00:00:00+00:01"')
    yield dated("words", f"Any text the user passed: {unread}", '"next tuesday"')
    yield dated("empty", f"An empty text: {unread}", '""')
    yield dated("unix_seconds", f"A number: {unread}", "1772600767")
    yield dated("http_date", f"An HTTP-date: {unread}", '"Wed, 04 Mar 2026 05:06:07 GMT"')
    yield dated("object", f"The date object of a PHP client: {unread}",
                '{"date":"2026-03-04 05:06:07.000000","timezone_type":3,"timezone":"UTC"}')


def unique_keys():
    def read(case, about, details, **identifier):
        cloudevent = identifier.pop("cloudevent", True)
        raw = tracked("$purchase", details=details)
        return Bento(f"unique_key/{case}", about, listed("events", raw)).accepted(
            seen(raw, "$purchase", "subscriber.purchased", cloudevent=cloudevent, **identifier))

    unique = lambda value: f'{{"unique":{{"key":{value}}},"value":{{"currency":"USD","amount":1999}}}}'
    yield read("text", "The id is made of the type, `details.unique.key` and the e-mail.", unique('"ord_77"'),
               unique_key="ord_77")
    yield read("integer", "The key may be a number.", unique("1234"), unique_key="1234")
    yield read("zero", "Zero is a key.", unique("0"), unique_key="0")
    yield read("fraction", "A number counts with its exact text.", unique("12.50"), unique_key="12.50")
    yield read("exponent", "An exponent stays as it is written.", unique("1.0E+3"), unique_key="1.0E+3")
    yield read("minus_zero", "The sign of zero stays as it is written.", unique("-0"), unique_key="-0",
               cloudevent=False)
    yield read("beyond_2_64", "All digits of a number stay as they are written.", unique("18446744073709551616"),
               unique_key="18446744073709551616",
               cloudevent=False)
    yield read("escaped", "Escapes in a text are decoded, white space stays.", unique('" a\\/b\\n"'),
               unique_key=" a/b\n")
    derived = "the id is made of the event's bytes."
    yield read("empty", f"An empty key counts as absent: {derived}", unique('""'))
    yield read("null", f"A null key counts as absent: {derived}", unique("null"))
    yield read("true", f"A boolean is not a key: {derived}", unique("true"))
    yield read("list", f"A list is not a key: {derived}", unique("[1]"))
    yield read("object", f"An object is not a key: {derived}", unique('{"key":"inner"}'))
    yield read("unique_empty", f"An empty `unique` has no key: {derived}", '{"unique":{}}')
    yield read("unique_text", f"A `unique` that is text counts as absent: {derived}", '{"unique":"ord_77"}')
    yield read("unique_null", f"A null `unique` counts as absent: {derived}", '{"unique":null}')
    yield read("details_list", f"Details that are a list count as absent: {derived}", '[{"unique":{"key":"a"}}]')
    yield read("details_null", f"Null details count as absent: {derived}", "null")
    yield read("elsewhere", f"A key elsewhere does not count: {derived}", '{"key":"a","order":{"unique":{"key":"b"}}}')
    raw = tracked(unique='{"key":"a"}')
    yield Bento("unique_key/outside_details", f"A `unique` outside of the details does not count: {derived}",
                listed("events", raw)).accepted(seen(raw))
    raw = tracked("$view", details=unique('"v-1"'))
    yield Bento("unique_key/of_a_view", "Any type of event may have a unique key.", listed("events", raw)).accepted(
        seen(raw, unique_key="v-1", cloudevent=True))
    first, second = tracked("$purchase", details=unique('"ord_1"')), tracked("$purchase", details=unique('"ord_2"'))
    third = tracked("$view")
    about = "An id made of a unique key is never given an index; one made of the event's bytes beside it is."
    bought = lambda raw, unique_key: seen(raw, "$purchase", "subscriber.purchased", unique_key=unique_key)
    yield Bento("unique_key/several", about, listed("events", first, second, third)).accepted(
        bought(first, "ord_1"), bought(second, "ord_2"), seen(third))
    about = "Two events with the same type, key and e-mail have one id: their sender says that they are one event."
    yield Bento("unique_key/same_twice", about,
                listed("events", first, first)).accepted(bought(first, "ord_1"), bought(first, "ord_1"))


def documented_samples():
    raw = """{
"type": "purchase_completed",
"email": "customer@example.com",
"details": {
"order_id": "ORD-12345",
"total": 149,
"currency": "USD"
},
"fields": {
"first_name": "Avery",
"lifetime_value": 984
}
}"""
    yield Bento("documented/webhook_endpoint", "The sample of the webhook endpoint's page.",
                f'{{\n"events": [\n{raw}\n]\n}}').accepted(
        seen(raw, "purchase_completed", subject=("subscriber", "customer@example.com"), cloudevent=True))
    raw = '{\n"type": "account.signup",\n"email": "user@example.com",\n"fields": { "first_name": "Jesse" }\n}'
    yield Bento("documented/batch_events", "The sample of the events API.", f'{{\n"events": [{raw}]\n}}').accepted(
        seen(raw, "account.signup", subject=("subscriber", "user@example.com"), cloudevent=True))


def malformed_events():
    good, other = tracked("$view"), tracked("$click")

    def beside(case, about, bad, path):
        """A readable event before the malformed one and one after it."""
        return Bento(f"malformed/{case}", about, listed("events", good, bad, other)).accepted(
            seen(good, index=0), seen(other, "$click", index=2), malformed=[(1, f"/events/1{path}")])

    yield beside("number", "An element that is a number does not affect the others.", "5", "")
    yield beside("null", "An element that is null does not affect the others.", "null", "")
    yield beside("list", "An element that is a list does not affect the others.", "[]", "")
    yield beside("type_absent", "An event without a type is malformed.", '{"email":"a@b.co"}', "/type")
    yield beside("type_null", "A null type is malformed.", '{"type":null,"email":"a@b.co"}', "/type")
    yield beside("type_empty", "An empty type is malformed.", '{"type":"","email":"a@b.co"}', "/type")
    yield beside("type_number", "A type that is a number is malformed.", '{"type":1,"email":"a@b.co"}', "/type")
    yield beside("email_absent", "An event without an e-mail is malformed.", '{"type":"$view"}', "/email")
    yield beside("email_null", "A null e-mail is malformed.", '{"type":"$view","email":null}', "/email")
    yield beside("email_empty", "An empty e-mail is malformed.", '{"type":"$view","email":""}', "/email")
    yield beside("email_object", "An e-mail that is an object is malformed.", '{"type":"$view","email":{}}', "/email")
    yield beside("type_repeated", "A repeated type is malformed.", '{"type":"$view","type":"$view","email":"a@b.co"}',
                 "/type")
    yield beside("email_lone_surrogate", "A lone surrogate in an e-mail is malformed.",
                 '{"type":"$view","email":"a@\\ud800.co"}', "/email")
    yield beside("unique_key_lone_surrogate", "A lone surrogate in a unique key is malformed.",
                 '{"type":"$view","email":"a@b.co","details":{"unique":{"key":"\\udc00"}}}', "/details/unique/key")
    yield beside("unique_key_repeated", "A repeated unique key is malformed.",
                 '{"type":"$view","email":"a@b.co","details":{"unique":{"key":1,"key":1}}}', "/details/unique/key")
    yield beside("unique_key_too_long", "A unique key of 1,001 digits is malformed.",
                 '{"type":"$view","email":"a@b.co","details":{"unique":{"key":' + "1" * 1001 + "}}}",
                 "/details/unique/key")
    yield beside("number_too_long", "A number over the limit in an unread field makes only its event malformed.",
                 '{"type":"$view","email":"a@b.co","n":' + "1" * 1001 + "}", "")
    about = "Malformed elements before the readable one count in its index."
    yield Bento("malformed/last_is_readable", about, listed("events", '{"email":"a@b.co"}', "true", good)).accepted(
        seen(good, index=2, cloudevent=True), malformed=[(0, "/events/0/type"), (1, "/events/1")])

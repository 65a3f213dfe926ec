"""Bento: events, subscribers, e-mails, commands and workflow webhooks."""

from .vector import Bento, event, listed

JO = ("subscriber", "jo@example.com")


def vectors():
    yield from event_types()
    yield from dates()
    yield from unique_keys()
    yield from subscribers()
    yield from emails()
    yield from commands()
    yield from workflows()
    yield from containers()
    yield from documented_samples()
    yield from malformed_events()
    yield from other_malformed_elements()
    yield from nothing_readable()
    yield from limits_and_options()


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
                "Order  Placed\u00a0now",
                "Order  Placed\\u00a0now")
    yield other("type_with_percent", "A percent sign stays as it is.", "100%_off")
    yield other("type_beyond_ascii", "A type may be any text.", "achat_terminé_🍱", "achat_terminé_\\ud83c\\udf71")
    raw = tracked("\\u0024purchase")
    yield Bento("event/type_escaped", "A type is compared after unescaping.", listed("events", raw)).accepted(
        seen(raw, "$purchase", "subscriber.purchased"))
    details = '{"nested":{"a":[1,2.5,null,true,{"b":{}}]},"big":18446744073709551616,"f":1.0e+21,"zero":-0.0}'
    raw = tracked(details=details, fields='{"first_name":"Jos\\u00e9","tags":["a"],"lone":"\\ud83c"}')
    about = "Details and fields are kept byte for byte, numbers and lone surrogates included."
    yield Bento("event/details_of_any_kind", about, listed("events", raw)).accepted(seen(raw))
    raw = '{"date":null,"details":[],"email":"jo@example.com","fields":null,"type":"$view","type2":1,"fields":1}'
    about = "The members may stand in any order; those not read may be null, of another kind, or repeated."
    yield Bento("event/any_order", about, listed("events", raw)).accepted(seen(raw, cloudevent=True))
    raw = tracked(email='"Jo Doe <JO@Example.com>"')
    about = "An e-mail address is kept as it is: neither checked nor lower-cased."
    yield Bento("event/email_as_it_is", about, listed("events", raw)).accepted(
        seen(raw, subject=("subscriber", "Jo Doe <JO@Example.com>"), cloudevent=True))
    raw = tracked(email='"jo"')
    about = "A subscriber's id never enters the CloudEvent's subject, not even one without an `@`."
    yield Bento("event/email_without_at_sign", about, listed("events", raw)).accepted(
        seen(raw, subject=("subscriber", "jo"), cloudevent=True))


def dates():
    def read(case, about, date, time=None):
        raw = tracked(date=date)
        return Bento(f"date/{case}", about, listed("events", raw)).accepted(seen(raw, time=time, cloudevent=True))

    time = "2026-03-04T05:06:07Z"
    yield read("rfc3339", "RFC 3339 with Z is read; the delivery's time stays absent.", '"2026-03-04T05:06:07Z"', time)
    yield read("rfc3339_milliseconds", "Milliseconds are kept.", '"2026-03-04T05:06:07.089Z"',
               "2026-03-04T05:06:07.089Z")
    yield read("rfc3339_plus_zero", "`+00:00` is read.", '"2026-03-04T05:06:07+00:00"', time)
    yield read("rfc3339_offset_east", "An offset is turned into UTC.", '"2026-03-04T10:36:07+05:30"', time)
    yield read("rfc3339_offset_west", "An offset west of Greenwich moves the day.", '"2026-03-03T21:06:07-08:00"', time)
    yield read("rfc3339_lower_case", "RFC 3339 allows `t` and `z`.", '"2026-03-04t05:06:07z"', time)
    yield read("rfc3339_escaped", "Escapes in a date are decoded.", '"2026-03-04T05:06:07\\u005a"', time)
    yield read("spaced_utc", "`YYYY-MM-DD hh:mm:ss UTC` is read.", '"2026-03-04 05:06:07 UTC"', time)
    yield read("backdated", "Bento allows backdated events: nothing is stale.", '"1999-12-31T23:59:59Z"',
               "1999-12-31T23:59:59Z")
    yield read("ahead", "Nor is anything from the future.", '"2999-12-31T23:59:59Z"', "2999-12-31T23:59:59Z")
    yield read("first_instant", "The first second of the year 0001.", '"0001-01-01T00:00:00Z"', "0001-01-01T00:00:00Z")
    unread = "the time is absent and the event lives."
    yield read("null", f"Null: {unread}", "null")
    yield read("spaced_without_zone", f"No zone: {unread}", '"2026-03-04 05:06:07"')
    yield read("spaced_gmt", f"GMT is no part of this form: {unread}", '"2026-03-04 05:06:07 GMT"')
    yield read("spaced_joined", f"A space stands before UTC: {unread}", '"2026-03-04 05:06:07UTC"')
    yield read("spaced_fraction", f"The form with UTC has no fraction: {unread}", '"2026-03-04 05:06:07.089 UTC"')
    yield read("rfc3339_without_zone", f"No zone: {unread}", '"2026-03-04T05:06:07"')
    yield read("date_alone", f"A day alone: {unread}", '"2026-03-04"')
    yield read("february_30", f"No such day: {unread}", '"2026-02-30T05:06:07Z"')
    yield read("second_60", f"A leap second: {unread}", '"2026-03-04T05:06:60Z"')
    yield read("white_space_around", f"White space around it: {unread}", '" 2026-03-04T05:06:07Z"')
    yield read("before_first_instant", f"An offset before the year 0001: {unread}", '"0001-01-01T00:00:00+00:01"')
    yield read("words", f"Any text the user passed: {unread}", '"next tuesday"')
    yield read("empty", f"An empty text: {unread}", '""')
    yield read("unix_seconds", f"A number: {unread}", "1772600767")
    yield read("http_date", f"An HTTP-date: {unread}", '"Wed, 04 Mar 2026 05:06:07 GMT"')
    yield read("object", f"The date object of a PHP client: {unread}",
               '{"date":"2026-03-04 05:06:07.000000","timezone_type":3,"timezone":"UTC"}')


def unique_keys():
    def read(case, about, details, **identifier):
        cloudevent = identifier.pop("cloudevent", True)
        raw = tracked("$purchase", details=details)
        return Bento(f"unique_key/{case}", about, listed("events", raw)).accepted(
            seen(raw, "$purchase", "subscriber.purchased", cloudevent=cloudevent, **identifier))

    unique = lambda value: f'{{"unique":{{"key":{value}}},"value":{{"currency":"USD","amount":1999}}}}'
    yield read("text", "`details.unique.key` is the event's id.", unique('"ord_77"'), id="ord_77")
    yield read("integer", "It may be a number.", unique("1234"), id="1234")
    yield read("zero", "Zero is a key.", unique("0"), id="0")
    yield read("fraction", "A number is kept as its exact text.", unique("12.50"), id="12.50")
    yield read("exponent", "An exponent stays as it is written.", unique("1.0E+3"), id="1.0E+3")
    yield read("minus_zero", "So does the sign of zero.", unique("-0"), id="-0", cloudevent=False)
    yield read("beyond_2_64", "So do all digits.", unique("18446744073709551616"), id="18446744073709551616",
               cloudevent=False)
    yield read("escaped", "Escapes in a text are decoded, white space stays.", unique('" a\\/b\\n"'), id=" a/b\n")
    derived = "the event's id is derived."
    yield read("empty", f"An empty key counts as absent: {derived}", unique('""'))
    yield read("null", f"A null key counts as absent: {derived}", unique("null"))
    yield read("true", f"A boolean is no key: {derived}", unique("true"))
    yield read("list", f"A list is no key: {derived}", unique("[1]"))
    yield read("object", f"An object is no key: {derived}", unique('{"key":"inner"}'))
    yield read("unique_empty", f"An empty `unique` has no key: {derived}", '{"unique":{}}')
    yield read("unique_text", f"A `unique` that is text counts as absent: {derived}", '{"unique":"ord_77"}')
    yield read("unique_null", f"A null `unique` counts as absent: {derived}", '{"unique":null}')
    yield read("details_list", f"Details that are a list count as absent: {derived}", '[{"unique":{"key":"a"}}]')
    yield read("details_null", f"Null details count as absent: {derived}", "null")
    yield read("elsewhere", f"A key elsewhere is none: {derived}", '{"key":"a","order":{"unique":{"key":"b"}}}')
    raw = tracked(unique='{"key":"a"}')
    yield Bento("unique_key/outside_details", f"A `unique` outside the details is none: {derived}",
                listed("events", raw)).accepted(seen(raw))
    raw = tracked("$view", details=unique('"v-1"'))
    yield Bento("unique_key/of_a_view", "Not only a purchase may carry one.", listed("events", raw)).accepted(
        seen(raw, id="v-1", cloudevent=True))
    first, second = tracked("$purchase", details=unique('"ord_1"')), tracked("$purchase", details=unique('"ord_2"'))
    third = tracked("$view")
    about = "The vendor's key is never given an index; a derived id beside it is."
    bought = lambda raw, identifier: seen(raw, "$purchase", "subscriber.purchased", id=identifier)
    yield Bento("unique_key/several", about, listed("events", first, second, third)).accepted(
        bought(first, "ord_1"), bought(second, "ord_2"), seen(third))
    about = "One key twice in a delivery is one id twice: the vendor says that it is unique."
    yield Bento("unique_key/same_twice", about,
                listed("events", first, first)).accepted(bought(first, "ord_1"), bought(first, "ord_1"))


def subscribers():
    def read(case, about, *raws, subjects=(JO,), cloudevent=True, text=None):
        expected = (event("subscriber.updated", "subscribers", subject, raw, cloudevent=cloudevent)
                    for raw, subject in zip(raws, subjects, strict=True))
        return Bento(f"subscribers/{case}", about, text or listed("subscribers", *raws)).accepted(*expected)

    one = '{"email":"jo@example.com","first_name":"Jo","tags":"lead,mql","remove_tags":"prospect"}'
    two = '{"email":"al@example.com","tags":["lead","mql"],"remove_tags":[],"age":21,"vip":true,"plan":null}'
    yield read("list", "A subscribers batch: each is subscriber.updated; tags may be text or a list.", one, two,
               subjects=(JO, ("subscriber", "al@example.com")))
    yield read("list_of_one", "A batch of one: the id has no index.", one)
    yield read("object", "`subscribers` may hold a single object.", one, text=f'{{"subscribers":{one}}}')
    yield read("site_uuid_beside", "Keys beside the container are not read.", one,
               text=f'{{"site_uuid":"1111","subscribers":[{one}],"site_uuid":"2222"}}')
    absent = ("subscriber", None)
    for case, raw in (("absent", '{"first_name":"Jo"}'), ("null", '{"email":null}'), ("empty", '{"email":""}'),
                      ("number", '{"email":7}'), ("object", '{"email":{"to":"jo@example.com"}}')):
        yield read(f"email_{case}", f"A subscriber whose e-mail is {case} lives; its subject has no id.", raw,
                   subjects=(absent,))
    yield read("date_not_read", "A date and a unique key belong to events alone.",
               '{"email":"jo@example.com","date":"2026-03-04T05:06:07Z","details":{"unique":{"key":"a"}}}')
    yield Bento("subscribers/empty", "An empty batch is a delivery of no events.", '{"subscribers":[]}').accepted()


def emails():
    def read(case, about, *raws, subjects=(JO,), text=None):
        expected = (event("email.requested", "emails", subject, raw, cloudevent=True)
                    for raw, subject in zip(raws, subjects, strict=True))
        return Bento(f"emails/{case}", about, text or listed("emails", *raws)).accepted(*expected)

    one = ('{"to":"jo@example.com","from":"hello@yourapp.com","subject":"Reset your password",'
           '"html_body":"<p>Click here to reset: {{ link }}</p>","transactional":true,"personalizations":{"link":"https://example.com"}}')
    two = '{"to":"al@example.com","from":"hello@yourapp.com","subject":"Hi","html_body":"","transactional":false}'
    yield read("list", "An e-mails batch: each is email.requested, its subject the subscriber it goes to.", one, two,
               subjects=(JO, ("subscriber", "al@example.com")))
    yield read("object", "`emails` may hold a single object.", one, text=f'{{"emails":{one}}}')
    for case, value in (("list", '["jo@example.com"]'), ("object", '{"email":"jo@example.com"}'), ("null", "null"),
                        ("empty", '""')):
        about = f"A `to` that is {case} is no text to name the subject by."
        yield read(f"to_{case}", about, f'{{"to":{value},"email":"no@example.com"}}', subjects=(("subscriber", None),))
    yield read("to_absent", "Without `to` the subject has no id.", "{}", subjects=(("subscriber", None),))
    yield Bento("emails/empty", "An empty batch is a delivery of no events.", '{"emails":[]}').accepted()


def commands():
    def read(case, about, *raws, names=("add_tag",), subject=JO, text=None):
        expected = (event("subscriber.commanded", name, subject, raw,
                          cloudevent=True) for raw, name in zip(raws, names, strict=True))
        return Bento(f"commands/{case}", about, text or listed("command", *raws)).accepted(*expected)

    add = '{"command":"add_tag","email":"jo@example.com","query":"vip"}'
    remove = '{"command":"remove_tag","email":"jo@example.com","query":"vip"}'
    yield read("object", "A command: its word is the name.", add, text=f'{{"command":{add}}}')
    yield read("list", "`command` may hold a list.", add, remove, names=("add_tag", "remove_tag"))
    yield read("list_of_one", "A list of one command.", remove, names=("remove_tag",))
    yield read("unknown_word", "Any word is a command's name.", '{"command":"sing a song","email":"jo@example.com"}',
               names=("sing a song",))
    for case, value in (("null", "null"), ("empty", '""'), ("number", "5")):
        about = f"A command whose e-mail is {case} lives; its subject has no id."
        yield read(f"email_{case}", about, f'{{"command":"add_tag","email":{value}}}', subject=("subscriber", None))
    yield read("email_absent", "A command may have no e-mail.", '{"command":"add_tag"}', subject=("subscriber", None))
    yield Bento("commands/empty", "An empty list is a delivery of no events.", '{"command":[]}').accepted()


def workflows():
    def reached(case, about, text, name, subject=JO, cloudevent=True):
        return Bento(f"workflow/{case}", about,
                     text).accepted(event("workflow.reached", name, subject, cloudevent=cloudevent))

    def other(case, about, text, subject=("workflow", None)):
        return Bento(f"workflow/{case}", about,
                     text).accepted(event("workflow.other", "workflow", subject, cloudevent=True))

    sample = ('{"event":"cart_reminder","workflow":"Abandoned cart","email":"jo@example.com","person":{"first_name":"Jo","tags":["a"]},'
              '"source_event":{"type":"$cart_updated","details":{"total":19.5}}}')
    yield reached("documented_sample", "The documented sample: its event is the name.", sample, "cart_reminder")
    yield reached("without_email", "Without an e-mail the subject is the workflow itself.", '{"event":"ping"}', "ping",
                  ("workflow", None))
    for case, value in (("null", "null"), ("empty", '""'), ("list", '["jo@example.com"]')):
        about = f"An e-mail that is {case} counts as absent."
        yield reached(f"email_{case}", about, f'{{"event":"ping","email":{value}}}', "ping", ("workflow", None))
    yield reached("white_space",
                  "White space around the object belongs to the body, not to the event; that in its name stays.",
                  '\n {"event" : " Cart reminder" } \n', " Cart reminder", ("workflow", None))
    yield reached("escaped_keys", "Keys are compared after unescaping.",
                  '{"\\u0065vent":"ping","ema\\u0069l":"jo@example.com"}', "ping")
    yield reached("bento_type_as_event", "A type of the events means nothing here.", '{"event":"$purchase"}',
                  "$purchase", ("workflow", None))
    yield reached("date_and_key_not_read", "A date and a unique key belong to events alone.",
                  '{"event":"ping","date":"2026-03-04T05:06:07Z","details":{"unique":{"key":"a"}}}', "ping",
                  ("workflow", None))
    yield other("without_event", "Without an event the name is `workflow`.", '{"email":"jo@example.com","note":"hi"}',
                JO)
    for case, value in (("null", "null"), ("empty", '""'), ("number", "5"), ("object", '{"type":"ping"}')):
        yield other(f"event_{case}", f"An event that is {case} is no name.", f'{{"event":{value}}}')
    yield other("empty_object", "An empty object is a workflow webhook too.", "{}")
    yield other("tag", "The body of a tag's creation.", '{"tag":{"name":"vip"},"site_uuid":"1111"}')
    yield other("event_in_other_case", "`Event` is not `event`.", '{"Event":"ping","Email":"jo@example.com"}')
    odd = '{"event":"ping","note":"\\ud83c","x":1,"x":2}'
    yield reached("unread_oddities", "A lone surrogate and a repeated key that are not read are no fault.", odd, "ping",
                  ("workflow", None), False)

    def refused(case, about, text, path):
        return Bento(f"workflow/{case}", about, text).refused("malformed_payload", path)

    yield refused("event_repeated", "`event` twice is refused.", '{"event":"a",‸"event":"a"}', "/event")
    yield refused("email_repeated", "`email` twice is refused.", '{"email":"a@b.co","event":"a",\n‸"\\u0065mail":null}',
                  "/email")
    yield refused("event_lone_surrogate", "A lone surrogate in the event is refused.", '{"event":‸"a\\udf71"}',
                  "/event")
    yield refused("email_lone_surrogate", "A lone surrogate in the e-mail is refused.",
                  '{"event":"a","email":‸"a@\\ud83c"}', "/email")
    yield refused("number_too_long", "A number over the limit refuses the whole webhook.",
                  '{"event":"a","n":[‸' + "1" * 1001 + "]}", "")


def containers():
    view, other = tracked("$view"), tracked("$click")
    yield Bento("container/events_list", "Several events: each derived id ends in its index.",
                listed("events", view, other)).accepted(
        seen(view, cloudevent=True), seen(other, "$click", cloudevent=True))
    yield Bento("container/events_object", "One PHP client sends an object in place of a list.",
                f'{{"events":{view}}}').accepted(seen(view))
    yield Bento("container/events_empty", "No events are a delivery of no events.", '{"events":[]}').accepted()
    yield Bento("container/equal_elements", "Equal elements are told apart by their index.",
                listed("events", view, view)).accepted(
        seen(view), seen(view))
    yield Bento("container/white_space", "White space between elements belongs to none of them.",
                f' {{"events" : [ {view}\n,\t{other} ] }}\r\n').accepted(seen(view), seen(other, "$click"))
    yield Bento("container/key_escaped", "The container's name is compared after unescaping.",
                f'{{"event\\u0073":[{view}]}}').accepted(seen(view))
    about = "Beside a container, `event` and `email` of the object are not the event's."
    yield Bento("container/beside_event_and_email", about,
                f'{{"event":"x","email":"a@b.co","events":[{view}]}}').accepted(seen(view))
    for case, value in (("null", "null"), ("text", '"none"'), ("number", "0")):
        about = f"Events that are {case} are no container: this is a workflow webhook."
        yield Bento(f"container/events_{case}", about, f'{{"events":{value},"event":"ping"}}').accepted(
            event("workflow.reached", "ping", ("workflow", None)))
    about = "A command that is text is no container: this is a workflow webhook."
    yield Bento("container/command_text", about, '{"command":"add_tag","email":"jo@example.com"}').accepted(
        event("workflow.other", "workflow", JO))
    about = "A second container that is null is none."
    yield Bento("container/second_null", about,
                f'{{"subscribers":null,"events":[{view}],"emails":"no"}}').accepted(seen(view))

    def two(case, text, path):
        about = "Two containers at once are refused; the second is named."
        return Bento(f"container/two_{case}", about, text).refused("malformed_payload", path)

    yield two("events_subscribers", f'{{"events":[{view}],‸"subscribers":[]}}', "/subscribers")
    yield two("subscribers_events", '{"subscribers":{"email":"a@b.co"},\n‸"events":[]}', "/events")
    yield two("emails_command", '{"emails":[],‸"command":{"command":"add_tag"}}', "/command")
    yield two("command_emails", '{"command":[],"site_uuid":"1",‸"emails":{}}', "/emails")
    about = "One container twice is refused; the second key is pointed at."
    yield Bento("container/events_repeated", about,
                f'{{"events":[{view}],‸"events":[{view}]}}').refused("malformed_payload", "/events")
    for case, value in (("list", f"[{view}]"), ("text", '"$view"'), ("null", "null"), ("number", "-1")):
        about = f"A body is an object: {case} is none."
        yield Bento(f"container/top_level_{case}", about, f"‸{value}").refused("malformed_payload", "")


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

    yield beside("number", "An element that is a number costs the others nothing.", "5", "")
    yield beside("null", "Nor does one that is null.", "null", "")
    yield beside("list", "Nor one that is a list.", "[]", "")
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
    yield beside("number_too_long", "A number over the limit in an unread field costs one event.",
                 '{"type":"$view","email":"a@b.co","n":' + "1" * 1001 + "}", "")
    about = "Malformed elements before the readable one: its index is its place."
    yield Bento("malformed/last_is_readable", about, listed("events", '{"email":"a@b.co"}', "true", good)).accepted(
        seen(good, index=2, cloudevent=True), malformed=[(0, "/events/0/type"), (1, "/events/1")])


def other_malformed_elements():
    def beside(case, about, container, good, name, kind, bad, path):
        return Bento(f"malformed/{case}", about, listed(container, good, bad)).accepted(
            event(kind, name, JO, good), malformed=[(1, f"/{container}/1{path}")])

    person, mail = '{"email":"jo@example.com"}', '{"to":"jo@example.com"}'
    command = '{"command":"add_tag","email":"jo@example.com"}'
    yield beside("subscriber_text", "A subscriber that is text is malformed.", "subscribers", person, "subscribers",
                 "subscriber.updated", '"al@example.com"', "")
    yield beside("subscriber_email_repeated", "A subscriber with two e-mails is malformed.", "subscribers", person,
                 "subscribers",
                 "subscriber.updated", '{"email":"a@b.co","email":"c@d.co"}', "/email")
    yield beside("email_number", "An e-mail that is a number is malformed.", "emails", mail, "emails",
                 "email.requested", "61", "")
    yield beside("email_to_repeated", "An e-mail with two `to` is malformed.", "emails", mail, "emails",
                 "email.requested",
                 '{"to":"a@b.co","to":"c@d.co"}', "/to")
    for case, bad in (("absent", '{"email":"a@b.co"}'), ("empty", '{"command":""}'), ("null", '{"command":null}'),
                      ("number", '{"command":1}')):
        yield beside(f"command_{case}", f"A command whose word is {case} is malformed.", "command", command, "add_tag",
                     "subscriber.commanded", bad, "/command")
    yield beside("command_text", "A command that is text is malformed.", "command", command, "add_tag",
                 "subscriber.commanded",
                 '"add_tag"', "")


def nothing_readable():
    def refused(case, about, text, path):
        return Bento(f"nothing_readable/{case}", about, text).refused("malformed_payload", path)

    yield refused("numbers", "With no readable element the first malformed one is named.", '{"events":[‸1,2]}',
                  "/events/0")
    yield refused("type_missing", "A missing type points at the event.", '{"events":[ ‸{"email":"a@b.co"}]}',
                  "/events/0/type")
    yield refused("email_wrong", "A wrong e-mail points at its value.", '{"events":[{"type":"$view","email":‸5}]}',
                  "/events/0/email")
    yield refused("single_object", "A single object has a path without an index.", '{"events":‸{"type":"$view"}}',
                  "/events/email")
    yield refused("subscribers", "A batch of addresses is no batch of subscribers.",
                  '{"subscribers":[‸"a@b.co","c@d.co"]}', "/subscribers/0")
    yield refused("emails", "A null is no e-mail.", '{"emails":[‸null]}', "/emails/0")
    yield refused("command_object", "A single command without its word.", '{"command":‸{"email":"a@b.co"}}',
                  "/command/command")
    yield refused("command_in_list", "A listed command without its word.", '{"command":[{"command":‸true}]}',
                  "/command/0/command")
    yield refused("repeated_details", "Repeated details: the second key is pointed at.",
                  '{"events":[{"type":"$view","email":"a@b.co","details":{},\r\n ‸"details":{}}]}', "/events/0/details")
    yield refused("number_too_long", "A number over the limit in an unread field names the element.",
                  '{"subscribers":[{"email":"a@b.co","n":‸' + "1" * 1001 + "}]}", "/subscribers/0")


def limits_and_options():
    view = tracked("$view")
    for container, raw, kind, name in (
        ("events", view, "subscriber.tracked", "$view"),
        ("subscribers", '{"email":"jo@example.com"}', "subscriber.updated", "subscribers"),
        ("emails", '{"to":"jo@example.com"}', "email.requested", "emails"),
        ("command", '{"command":"add_tag","email":"jo@example.com"}', "subscriber.commanded", "add_tag"),
    ):
        two = listed(container, raw, raw)
        about = f"As many {container} as max_events are read."
        yield Bento(f"limits/{container}_exactly_max_events", about, two, options={"max_events": 2}).accepted(
            event(kind, name, JO, raw), event(kind, name, JO, raw))
        about = f"More {container} than max_events are too many."
        yield Bento(f"limits/{container}_over_max_events", about, two,
                    options={"max_events": 1}).refused("too_many_events")
    raw = tracked(n="1" * 1000)
    yield Bento("limits/number_1000_characters", "A number of 1,000 characters is allowed.",
                listed("events", raw)).accepted(seen(raw))
    raw = tracked(details='{"a":{}}')
    about = "`max_depth` counts the body's object and the list: five containers here."
    yield Bento("limits/exactly_max_depth", about, listed("events", raw), options={"max_depth": 5}).accepted(seen(raw))
    about = "A source of one's own stands in every event and CloudEvent; the ids do not depend on it."
    yield Bento("source/own", about, listed("events", view, view), options={"source": "urn:example:shop"}).accepted(
        seen(view, cloudevent=True), seen(view, cloudevent=True))

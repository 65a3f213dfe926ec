"""Bento: subscribers, e-mails, commands and workflow webhooks, and the rules that tell them apart."""

from .bento_events import JO, seen, tracked
from .vector import Bento, event, listed


def vectors():
    yield from subscribers()
    yield from emails()
    yield from commands()
    yield from workflows()
    yield from containers()
    yield from other_malformed_elements()
    yield from nothing_readable()
    yield from limits_and_options()


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
        yield read(f"email_{case}", f"A subscriber without a usable e-mail is read, and its subject has no id: {case}.",
                   raw,
                   subjects=(absent,))
    yield read("date_not_read", "Only events have a date and a unique key: a subscriber's are not read.",
               '{"email":"jo@example.com","date":"2026-03-04T05:06:07Z","details":{"unique":{"key":"a"}}}')
    yield Bento("subscribers/empty", "An empty batch is a delivery without events.", '{"subscribers":[]}').accepted()


def emails():
    def read(case, about, *raws, subjects=(JO,), text=None):
        expected = (event("email.requested", "emails", subject, raw, cloudevent=True)
                    for raw, subject in zip(raws, subjects, strict=True))
        return Bento(f"emails/{case}", about, text or listed("emails", *raws)).accepted(*expected)

    one = ('{"to":"jo@example.com","from":"hello@yourapp.com","subject":"Reset your password",'
           '"html_body":"<p>Click here to reset: {{ link }}</p>","transactional":true,'
           '"personalizations":{"link":"https://example.com"}}')
    two = '{"to":"al@example.com","from":"hello@yourapp.com","subject":"Hi","html_body":"","transactional":false}'
    yield read("list", "An e-mails batch: each is email.requested, and its subject is the recipient.", one, two,
               subjects=(JO, ("subscriber", "al@example.com")))
    yield read("object", "`emails` may hold a single object.", one, text=f'{{"emails":{one}}}')
    for case, value in (("list", '["jo@example.com"]'), ("object", '{"email":"jo@example.com"}'), ("null", "null"),
                        ("empty", '""')):
        about = f"A `to` that is not a non-empty text gives a subject without an id: {case}."
        yield read(f"to_{case}", about, f'{{"to":{value},"email":"no@example.com"}}', subjects=(("subscriber", None),))
    yield read("to_absent", "Without `to` the subject has no id.", "{}", subjects=(("subscriber", None),))
    yield Bento("emails/empty", "An empty batch is a delivery without events.", '{"emails":[]}').accepted()


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
        about = f"A command without a usable e-mail is read, and its subject has no id: {case}."
        yield read(f"email_{case}", about, f'{{"command":"add_tag","email":{value}}}', subject=("subscriber", None))
    yield read("email_absent", "A command may have no e-mail.", '{"command":"add_tag"}', subject=("subscriber", None))
    yield Bento("commands/empty", "An empty list is a delivery without events.", '{"command":[]}').accepted()


def workflows():
    def reached(case, about, text, name, subject=JO, cloudevent=True):
        expected = event("workflow.reached", name, subject, cloudevent=cloudevent)
        return Bento(f"workflow/{case}", about, text).accepted(expected)

    def other(case, about, text, subject=("workflow", None)):
        expected = event("workflow.other", "workflow", subject, cloudevent=True)
        return Bento(f"workflow/{case}", about, text).accepted(expected)

    sample = ('{"event":"cart_reminder","workflow":"Abandoned cart","email":"jo@example.com",'
              '"person":{"first_name":"Jo","tags":["a"]},'
              '"source_event":{"type":"$cart_updated","details":{"total":19.5}}}')
    yield reached("documented_sample", "The documented sample: its event is the name.", sample, "cart_reminder")
    yield reached("without_email", "Without an e-mail the subject is the workflow itself.", '{"event":"ping"}', "ping",
                  ("workflow", None))
    for case, value in (("null", "null"), ("empty", '""'), ("list", '["jo@example.com"]')):
        about = f"An e-mail that is not a non-empty text counts as absent: {case}."
        yield reached(f"email_{case}", about, f'{{"event":"ping","email":{value}}}', "ping", ("workflow", None))
    yield reached("white_space",
                  "White space around the object belongs to the body, not to the event; white space in its name stays.",
                  '\n {"event" : " Cart reminder" } \n', " Cart reminder", ("workflow", None))
    yield reached("escaped_keys", "Keys are compared after unescaping.",
                  '{"\\u0065vent":"ping","ema\\u0069l":"jo@example.com"}', "ping")
    yield reached("bento_type_as_event", "A type of the events has no meaning in a workflow's `event`.",
                  '{"event":"$purchase"}',
                  "$purchase", ("workflow", None))
    yield reached("date_and_key_not_read", "Only events have a date and a unique key: a subscriber's are not read.",
                  '{"event":"ping","date":"2026-03-04T05:06:07Z","details":{"unique":{"key":"a"}}}', "ping",
                  ("workflow", None))
    yield other("without_event", "Without an event the name is `workflow`.", '{"email":"jo@example.com","note":"hi"}',
                JO)
    for case, value in (("null", "null"), ("empty", '""'), ("number", "5"), ("object", '{"type":"ping"}')):
        yield other(f"event_{case}", f"An `event` that is not a non-empty text is not a name: {case}.",
                    f'{{"event":{value}}}')
    yield other("empty_object", "An empty object is a workflow webhook too.", "{}")
    yield other("tag", "The body of a tag's creation.", '{"tag":{"name":"vip"},"site_uuid":"1111"}')
    yield other("event_in_other_case", "`Event` is not `event`.", '{"Event":"ping","Email":"jo@example.com"}')
    both = {"require_event_or_email": True}
    about = "`require_event_or_email` refuses what has neither a text `event` nor a text `email`"
    for case, text in (("empty_object", "{}"), ("unusable", '{"event":"","email":7}'), ("type_alone", '{"type":"ping"}'),
                       ("in_an_object", '{"a":{"event":"ping","email":"jo@example.com"}}')):
        yield Bento(f"event_or_email/{case}", f"{about}: {case}.", f"‸{text}", options=both).refused(
            "malformed_payload", "/event")
    yield Bento("event_or_email/event", "An event alone is enough.", '{"event":"ping"}', options=both).accepted(
        event("workflow.reached", "ping", ("workflow", None)))
    yield Bento("event_or_email/email", "An e-mail alone is enough.", '{"email":"jo@example.com"}',
                options=both).accepted(event("workflow.other", "workflow", JO))
    raw = '{"first_name":"Jo"}'
    about = "`require_event_or_email` does not concern the elements of a container."
    yield Bento("event_or_email/subscriber", about, f'{{"subscribers":[{raw}]}}', options=both).accepted(
        event("subscriber.updated", "subscribers", ("subscriber", None), raw))
    odd = '{"event":"ping","note":"\\ud83c","x":1,"x":2}'
    yield reached("unread_oddities", "A lone surrogate and a repeated key that are not read are accepted.", odd, "ping",
                  ("workflow", None), False)

    refused = Bento.refusing("workflow")

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
    yield Bento("container/events_empty", "An empty list of events is a delivery without events.",
                '{"events":[]}').accepted()
    yield Bento("container/equal_elements", "The index distinguishes equal elements.",
                listed("events", view, view)).accepted(
        seen(view), seen(view))
    yield Bento("container/white_space", "White space between elements belongs to none of them.",
                f' {{"events" : [ {view}\n,\t{other} ] }}\r\n').accepted(seen(view), seen(other, "$click"))
    yield Bento("container/key_escaped", "The container's name is compared after unescaping.",
                f'{{"event\\u0073":[{view}]}}').accepted(seen(view))
    about = "A text `event` makes a workflow webhook, whatever is beside it."
    yield Bento("container/beside_event_and_email", about,
                f'{{"event":"x","email":"a@b.co","events":[{view}]}}').accepted(
        event("workflow.reached", "x", ("subscriber", "a@b.co")))
    for case, value in (("null", "null"), ("text", '"none"'), ("number", "0")):
        about = f"`events` that is not a list or an object gives a workflow webhook: {case}."
        yield Bento(f"container/events_{case}", about, f'{{"events":{value},"event":"ping"}}').accepted(
            event("workflow.reached", "ping", ("workflow", None)))
    about = "`command` that is a text is not a container, so this is a workflow webhook."
    yield Bento("container/command_text", about, '{"command":"add_tag","email":"jo@example.com"}').accepted(
        event("workflow.other", "workflow", JO))
    about = "A second container that is null does not count."
    yield Bento("container/second_null", about,
                f'{{"subscribers":null,"events":[{view}],"emails":"no"}}').accepted(seen(view))

    def two(case, text, path):
        about = "Two containers at once are refused; the fault is at the second."
        return Bento(f"container/two_{case}", about, text).refused("malformed_payload", path)

    yield two("events_subscribers", f'{{"events":[{view}],‸"subscribers":[]}}', "/subscribers")
    yield two("subscribers_events", '{"subscribers":{"email":"a@b.co"},\n‸"events":[]}', "/events")
    yield two("emails_command", '{"emails":[],‸"command":{"command":"add_tag"}}', "/command")
    yield two("command_emails", '{"command":[],"site_uuid":"1",‸"emails":{}}', "/emails")
    about = "One container twice is refused; the fault is at the second key."
    yield Bento("container/events_repeated", about,
                f'{{"events":[{view}],‸"events":[{view}]}}').refused("malformed_payload", "/events")
    for case, value in (("list", f"[{view}]"), ("text", '"$view"'), ("null", "null"), ("number", "-1")):
        about = f"A body must be an object, not another value: {case}."
        yield Bento(f"container/top_level_{case}", about, f"‸{value}").refused("malformed_payload", "")


def other_malformed_elements():
    def beside(case, about, container, good, name, kind, bad, path):
        return Bento(f"malformed/{case}", about, listed(container, good, bad)).accepted(
            event(kind, name, JO, good), malformed=[(1, f"/{container}/1{path}")])

    person, mail = '{"email":"jo@example.com"}', '{"to":"jo@example.com"}'
    command = '{"command":"add_tag","email":"jo@example.com"}'
    yield beside("subscriber_text", "A subscriber that is text is malformed.", "subscribers", person, "subscribers",
                 "subscriber.updated", '"al@example.com"', "")
    yield beside("subscriber_email_repeated", "A subscriber with two e-mails is malformed.", "subscribers", person,
                 "subscribers", "subscriber.updated", '{"email":"a@b.co","email":"c@d.co"}', "/email")
    yield beside("email_number", "An e-mail that is a number is malformed.", "emails", mail, "emails",
                 "email.requested", "61", "")
    yield beside("email_to_repeated", "An e-mail with two `to` is malformed.", "emails", mail, "emails",
                 "email.requested", '{"to":"a@b.co","to":"c@d.co"}', "/to")
    for case, bad in (("absent", '{"email":"a@b.co"}'), ("empty", '{"command":""}'), ("null", '{"command":null}'),
                      ("number", '{"command":1}')):
        yield beside(f"command_{case}", f"A command whose word is {case} is malformed.", "command", command, "add_tag",
                     "subscriber.commanded", bad, "/command")
    yield beside("command_text", "A command that is text is malformed.", "command", command, "add_tag",
                 "subscriber.commanded", '"add_tag"', "")


def nothing_readable():
    refused = Bento.refusing("nothing_readable")

    yield refused("numbers", "If no element is readable, the first malformed one is named.", '{"events":[‸1,2]}',
                  "/events/0")
    yield refused("type_missing", "The fault of a missing type is at the event.", '{"events":[ ‸{"email":"a@b.co"}]}',
                  "/events/0/type")
    yield refused("email_wrong", "The fault of a wrong e-mail is at its value.",
                  '{"events":[{"type":"$view","email":‸5}]}',
                  "/events/0/email")
    yield refused("single_object", "A single object has a path without an index.", '{"events":‸{"type":"$view"}}',
                  "/events/email")
    yield refused("subscribers", "A batch of addresses is not a batch of subscribers.",
                  '{"subscribers":[‸"a@b.co","c@d.co"]}', "/subscribers/0")
    yield refused("emails", "`null` is not an e-mail.", '{"emails":[‸null]}', "/emails/0")
    yield refused("command_object", "A single command without its word.", '{"command":‸{"email":"a@b.co"}}',
                  "/command/command")
    yield refused("command_in_list", "A listed command without its word.", '{"command":[{"command":‸true}]}',
                  "/command/0/command")
    yield refused("repeated_details", "Repeated details: the fault is at the second key.",
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
        about = f"Up to max_events elements of {container} are read."
        yield Bento(f"limits/{container}_exactly_max_events", about, two, options={"max_events": 2}).accepted(
            event(kind, name, JO, raw), event(kind, name, JO, raw))
        about = f"More {container} than max_events are too many."
        yield Bento(f"limits/{container}_over_max_events", about, two,
                    options={"max_events": 1}).refused("too_many_events")
    about = "Bento's own limit of 1,000 events a batch is not enforced on what is received."
    many = [tracked("a", f'"{n}"') for n in range(1001)]
    last = event("subscriber.tracked", "a", ("subscriber", "1000"), many[1000], index=1000)
    yield Bento("limits/1001_events", about, listed("events", *many)).accepted(last, total=1001)
    raw = tracked(n="1" * 1000)
    yield Bento("limits/number_1000_characters", "A number of 1,000 characters is allowed.",
                listed("events", raw)).accepted(seen(raw))
    for place, text in (("before", '{"n":‸%s,"events":[%s,%s]}'), ("behind", '{"events":[%s,%s],"n":‸%s}')):
        about = f"A number over the limit {place} the events belongs to none of them."
        number = ("1" * 1001,)
        text = text % (number + (view, view) if place == "before" else (view, view) + number)
        yield Bento(f"limits/long_number_{place}_the_events", about, text).refused("malformed_payload", "")
    raw = tracked(details='{"a":{}}')
    about = "`max_depth` counts the body's object and the list: five containers here."
    yield Bento("limits/exactly_max_depth", about, listed("events", raw), options={"max_depth": 5}).accepted(seen(raw))
    about = "A configured source is in every event and CloudEvent, and is part of every id and key."
    yield Bento("source/own", about, listed("events", view, view), options={"source": "urn:example:shop"}).accepted(
        seen(view, cloudevent=True), seen(view, cloudevent=True))

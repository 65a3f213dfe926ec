"""Bento: the shapes that public clients send in addition to the documented ones.

They are a single subscriber, an e-mail in `identity`, one bare event, commands by `uuid`, an e-mail to several
recipients, a workflow's event beside a container, and further forms of a date. Numbered objects are in
bento_numbered.py.
"""

from .bento_events import JO, dated, seen, tracked
from .vector import FAULT, Bento, event, listed

VIEW, CLICK = tracked("$view"), tracked("$click")
NOBODY = ("subscriber", None)


def vectors():
    yield from one_subscriber()
    yield from identities()
    yield from identities_refused()
    yield from bare_events()
    yield from bare_events_refused()
    yield from commands_by_uuid()
    yield from recipients()
    yield from workflows_beside_containers()
    yield from events_that_are_no_text()
    yield from dates()
    yield from types_of_plugins()


def one_subscriber():
    def read(case, about, raw, subject=JO, text=None, **options):
        expected = event("subscriber.updated", "subscriber", subject, raw, cloudevent=True)
        text = text or f'{{"subscriber":{raw}}}'
        return Bento(f"subscriber/{case}", about, text, options=options).accepted(expected)

    one = '{"email":"jo@example.com","first_name":"Jo","tags":"lead,mql"}'
    yield read("object", "Seven official clients send a single subscriber; its name is `subscriber`.", one)
    about = "Keys beside a single subscriber are not read, repeated or not."
    yield read("site_uuid_beside", about, one,
               text=f'{{"site_uuid":"1","subscriber":{one},"site_uuid":"2","email":"al@example.com","email":1}}')
    yield read("white_space", "White space around a single subscriber belongs to the body.", one,
               text=f'\n{{ "subscriber" : {one} }}\t')
    yield read("key_escaped", "The key `subscriber` is compared after unescaping.", one,
               text=f'{{"subscri\\u0062er":{one}}}')
    for case, raw in (("absent", '{"first_name":"Jo"}'), ("null", '{"email":null}'), ("empty", '{"email":""}'),
                      ("number", '{"email":7}'), ("empty_object", "{}")):
        yield read(f"email_{case}", "A subscriber without a usable e-mail is read, and its subject has no id.", raw,
                   NOBODY)
    yield read("numbers_as_keys", "Numbered members under `subscriber` make no list.",
               '{"0":{"email":"jo@example.com"}}', NOBODY)
    yield read("identity_not_read", "Only events have an `identity`: a subscriber's is not read.",
               '{"identity":{"email":"jo@example.com"},"uuid":"u-1"}', NOBODY)
    yield read("max_events_of_one", "A single subscriber is one event.", one, max_events=1)
    about = "`max_depth` counts the body's object and the subscriber."
    yield read("exactly_max_depth", about, '{"email":"jo@example.com","tags":[]}', max_depth=3)
    for case, value in (("text", '"jo@example.com"'), ("null", "null"), ("number", "7"), ("true", "true")):
        about = f"`subscriber` that is not an object or a list gives a workflow webhook: {case}."
        yield Bento(f"subscriber/{case}", about, f'{{"subscriber":{value}}}').accepted(
            event("workflow.other", "workflow", ("workflow", None), cloudevent=True))
    about = "A subscriber that is null does not count as a second container."
    yield Bento("subscriber/null_beside_events", about, f'{{"subscriber":null,"events":[{VIEW}]}}').accepted(seen(VIEW))

    refused = Bento.refusing("subscriber")

    yield refused("list", "A list under `subscriber` is malformed.", f'{{"subscriber":{FAULT}[{one}]}}', "/subscriber")
    yield refused("empty_list", "An empty list under `subscriber` is malformed.", f'{{"subscriber":{FAULT}[]}}',
                  "/subscriber")
    yield refused("email_repeated", "A repeated e-mail of a single subscriber is malformed, and the path has no index.",
                  f'{{"subscriber":{{"email":"a@b.co",{FAULT}"email":"a@b.co"}}}}', "/subscriber/email")
    yield refused("email_lone_surrogate", "A lone surrogate in a single subscriber's e-mail is refused.",
                  f'{{"subscriber":{{"email":{FAULT}"a@\\udc00"}}}}', "/subscriber/email")
    yield refused("number_too_long", "A number over the limit in an unread field names the subscriber.",
                  f'{{"subscriber":{{"email":"a@b.co","n":{FAULT}{"1" * 1001}}}}}', "/subscriber")
    yield refused("repeated", "`subscriber` twice is refused. The fault is at the second key.",
                  f'{{"subscriber":{one},{FAULT}"subscriber":{one}}}', "/subscriber")
    for name, value in (("subscribers", "[]"), ("events", f"[{VIEW}]"), ("emails", "{}"), ("command", "[]")):
        about = "Two containers at once are refused; the fault is at the second."
        yield refused(f"before_{name}", about, f'{{"subscriber":{one},{FAULT}"{name}":{value}}}', f"/{name}")
        yield refused(f"behind_{name}", about, f'{{"{name}":{value},{FAULT}"subscriber":{one}}}', "/subscriber")


def identities():
    def read(case, about, raw, subject=JO, **expected):
        return Bento(f"identity/{case}", about, listed("events", raw)).accepted(
            seen(raw, subject=subject, cloudevent=True, **expected))

    yield read("email", "Without `email` the event's e-mail is `identity.email`.",
               '{"type":"$view","identity":{"email":"jo@example.com"}}')
    yield read("email_null", "A null `email` counts as absent.",
               '{"type":"$view","email":null,"identity":{"email":"jo@example.com"}}')
    yield read("before_null", "The order of the two changes nothing.",
               '{"identity":{"email":"jo@example.com"},"email":null,"type":"$view"}')
    yield read("email_wins", "`email` wins over `identity.email`.",
               '{"type":"$view","email":"jo@example.com","identity":{"email":"al@example.com"}}')
    yield read("email_wins_behind", "`email` wins over `identity.email` at any position.",
               '{"identity":{"email":"al@example.com"},"type":"$view","email":"jo@example.com"}')
    yield read("escaped", "Keys and text are unescaped.",
               '{"type":"$view","ident\\u0069ty":{"\\u0065mail":"jo\\u0040example.com"}}')
    yield read("other_members", "Other members of `identity` are not read.",
               '{"type":"$view","identity":{"id":true,"visitor":"v","email":"jo@example.com","id":1}}')
    for case, value in (("null", "null"), ("text", '"al@example.com"'), ("list", "[1]"), ("empty", "{}")):
        yield read(f"unused_{case}", f"Beside a text `email` an identity of any kind is accepted: {case}.",
                   f'{{"type":"$view","email":"jo@example.com","identity":{value}}}')
    yield read("unique_key", "The e-mail in the id is the one that was found.",
               '{"type":"$view","identity":{"email":"jo@example.com"},"details":{"unique":{"key":"k-1"}}}',
               unique_key="k-1")
    object_ = '{"type":"$view","identity":{"email":"jo@example.com"}}'
    yield Bento("identity/single_object", "A single object under `events` may have `identity.email` too.",
                f'{{"events":{object_}}}').accepted(
        seen(object_))
    about = "`identity` belongs to events: a command and an e-mail do not read it."
    raw = '{"command":"add_tag","identity":{"email":"jo@example.com"}}'
    yield Bento("identity/of_a_command", about, f'{{"command":{raw}}}').accepted(
        event("subscriber.commanded", "add_tag", NOBODY, raw, cloudevent=True))
    raw = '{"identity":{"email":"jo@example.com"}}'
    yield Bento("identity/of_a_subscriber", about, listed("subscribers", raw)).accepted(
        event("subscriber.updated", "subscribers", NOBODY, raw, cloudevent=True))
    raw = '{"identity":{"email":"jo@example.com"},"subject":"Hi"}'
    yield Bento("identity/of_an_email", about, listed("emails", raw)).accepted(
        event("email.requested", "emails", NOBODY, raw, cloudevent=True))
    raw = '{"identity":{"email":"jo@example.com"},"note":"hi"}'
    yield Bento("identity/of_a_workflow", "A workflow webhook does not read `identity`.", raw).accepted(
        event("workflow.other", "workflow", ("workflow", None), cloudevent=True))


def identities_refused():
    def beside(case, about, bad, path="/email"):
        return Bento(f"identity/{case}", about, listed("events", VIEW, bad)).accepted(
            seen(VIEW), malformed=[(1, f"/events/1{path}")])

    found = '"identity":{"email":"jo@example.com"}'
    for case, value in (("number", "5"), ("true", "true"), ("object", "{}"), ("list", "[]"), ("empty", '""')):
        about = f"An `email` that is not a text is malformed even beside an identity: {case}."
        yield beside(f"email_{case}", about, f'{{"type":"$view","email":{value},{found}}}')
        yield Bento(f"identity/email_{case}_alone", about,
                    f'{{"events":{{"type":"$view",{found},"email":‸{value}}}}}').refused(
            "malformed_payload", "/events/email")
    none = "An event without an e-mail in `identity` is malformed"
    for case, value in (("null", "null"), ("text", '"jo@example.com"'), ("number", "5"), ("list", "[]"),
                        ("empty", "{}"), ("without_email", '{"id":"v-1"}'), ("email_null", '{"email":null}'),
                        ("in_another_case", '{"Email":"jo@example.com"}')):
        yield beside(f"none_{case}", f"{none}: {case.replace('_', ' ')}.",
                     f'{{"type":"$view","identity":{value}}}')
    about = "If an event has neither e-mail, the fault is at the event itself."
    yield Bento("identity/none_alone", about,
                '{"events":[‸{"type":"$view","identity":{}}]}').refused("malformed_payload", "/events/0/email")
    yield beside("lone_surrogate", "A lone surrogate in `identity.email` is malformed.",
                 '{"type":"$view","identity":{"email":"a@\\ud800"}}', "/identity/email")
    yield beside("email_repeated", "A repeated `identity.email` is malformed.",
                 '{"type":"$view","identity":{"email":"a@b.co","email":"a@b.co"}}', "/identity/email")
    yield beside("repeated", "A repeated `identity` is malformed.",
                 '{"type":"$view","identity":{"email":"a@b.co"},"identity":{"email":"a@b.co"}}', "/identity")
    yield Bento("identity/repeated_alone", "The fault of a repeated `identity` is at the second key.",
                '{"events":[{"type":"$view","identity":{"email":"a@b.co"},‸"identity":{}}]}').refused(
        "malformed_payload", "/events/0/identity")
    yield beside("number_too_long", "A number over the limit inside of `identity` makes only its event malformed.",
                 '{"type":"$view","identity":{"email":"a@b.co","n":' + "1" * 1001 + "}}", "")


def bare_events():
    def read(case, about, text, name="$view", kind="subscriber.tracked", subject=JO, cloudevent=True, **expected):
        return Bento(f"bare/{case}", about, text).accepted(
            event(kind, name, subject, cloudevent=cloudevent, **expected))

    at = "2026-03-04T05:06:07Z"
    yield read("event", "A text type and a text e-mail at the top make one bare event.",
               '{"email":"jo@example.com","type":"$view","date":"2026-03-04T05:06:07Z","details":{"page":"/"}}',
               time=at)
    yield read("purchase", "The type of a bare event is read as in a container.",
               '{"type":"$purchase","email":"jo@example.com","details":{"value":{"currency":"USD","amount":1}}}',
               "$purchase", "subscriber.purchased")
    yield read("unique_key", "The unique key of a bare event is read as in a container.",
               '{"type":"$purchase","email":"jo@example.com","details":{"unique":{"key":"ord_9"}}}', "$purchase",
               "subscriber.purchased", unique_key="ord_9")
    yield read("identity", "`identity.email` of a bare event is read as in a container.",
               '{"type":"$view","identity":{"email":"jo@example.com"}}')
    yield read("email_null", "A null `email` of a bare event counts as absent.",
               '{"email":null,"type":"$view","identity":{"email":"jo@example.com"}}')
    yield read("site_uuid", "Other keys are not read, repeated or not.",
               '{"site_uuid":"1","type":"$view","email":"jo@example.com","site_uuid":"2"}')
    yield read("white_space", "White space around a bare event belongs to the body, not to the event.",
               ' \n{"type":"$view","email":"jo@example.com"}\r\n')
    yield read("custom", "The type of a bare event may be any text.",
               '{"type":"Order placed","email":"jo@example.com"}',
               "Order placed")
    yield read("keys_escaped", "Keys are compared after unescaping.",
               '{"t\\u0079pe":"$view","\\u0065mail":"jo@example.com"}')
    yield read("workflow_beside", "`workflow` beside a bare event is not read.",
               '{"workflow":"w","type":"$view","email":"jo@example.com","workflow":5}')
    for case, value in (("null", "null"), ("empty", '""'), ("number", "5"), ("list", "[]")):
        yield read(f"event_{case}", f"If `event` is not a non-empty text, this is a bare event: {case}.",
                   f'{{"event":{value},"type":"$view","email":"jo@example.com"}}')
    for container in ("events", "subscribers", "subscriber", "emails", "command"):
        yield read(f"{container}_null", f"`{container}` that is null is not a container, so this is a bare event.",
                   f'{{"{container}":null,"type":"$view","email":"jo@example.com"}}')
    yield read("odd_date", "A date that cannot be read leaves the time absent.",
               '{"type":"$view","email":"jo@example.com","date":"next tuesday"}')
    about = "A container wins over a bare event, whose keys are then not read."
    yield Bento("bare/container_wins", about,
                f'{{"type":"$click","email":"al@example.com","events":[{VIEW}],"type":1,"email":2}}').accepted(
        seen(VIEW))
    about = "A text `event` wins over a bare event: its type is not read."
    yield read("workflow_wins", about, '{"type":"$view","email":"jo@example.com","event":"ping","type":5}', "ping",
               "workflow.reached")

    def other(case, about, text, subject=("workflow", None)):
        return read(case, about, text, "workflow", "workflow.other", subject)

    yield other("no_email", "A type without an e-mail is a workflow webhook.", '{"type":"$view"}')
    yield other("email_number", "A type with a number as the e-mail is a workflow webhook.",
                '{"type":"$view","email":5}')
    yield other("email_empty", "A type with an empty e-mail is a workflow webhook.", '{"type":"$view","email":""}')
    yield other("no_type", "An e-mail without a type is a workflow webhook.", '{"email":"jo@example.com"}', JO)
    for case, value in (("null", "null"), ("empty", '""'), ("number", "5"), ("object", "{}")):
        yield other(f"type_{case}", f"An e-mail without a text type is a workflow webhook: {case}.",
                    f'{{"type":{value},"email":"jo@example.com"}}',
                    JO)
    yield other("type_in_another_case", "`Type` is not `type`.", '{"Type":"$view","email":"jo@example.com"}', JO)


def bare_events_refused():
    refused = Bento.refusing("bare")

    yield refused("type_repeated", "A repeated type of a bare event is refused.",
                  '{"type":"$view","email":"jo@example.com",‸"type":"$view"}', "/type")
    yield refused("email_repeated", "A repeated e-mail of a bare event is refused.",
                  '{"type":"$view","email":"jo@example.com",‸"email":"jo@example.com"}', "/email")
    yield refused("details_repeated", "Repeated details of a bare event are refused.",
                  '{"type":"$view","email":"jo@example.com","details":{},‸"details":{}}', "/details")
    yield refused("date_repeated", "A repeated date of a bare event is refused.",
                  '{"type":"$view","email":"jo@example.com","date":null,‸"date":null}', "/date")
    yield refused("unique_key_repeated", "A repeated unique key of a bare event is refused.",
                  '{"type":"$view","email":"jo@example.com","details":{"unique":{"key":1,‸"key":1}}}',
                  "/details/unique/key")
    yield refused("unique_key_lone_surrogate", "A lone surrogate in the unique key of a bare event is refused.",
                  '{"type":"$view","email":"jo@example.com","details":{"unique":{"key":‸"\\udc00"}}}',
                  "/details/unique/key")
    yield refused("number_too_long", "A number over the limit refuses the whole bare event.",
                  '{"type":"$view","email":"jo@example.com","n":‸' + "1" * 1001 + "}", "")
    yield refused("in_a_list", "A list of bare events is refused.", f"‸[{VIEW},{CLICK}]", "")


def commands_by_uuid():
    def read(case, about, raw, identifier, **rest):
        return Bento(f"uuid/{case}", about, rest.get("text") or f'{{"command":{raw}}}').accepted(
            event("subscriber.commanded", "add_tag", ("subscriber", identifier), raw, cloudevent=True))

    uuid = "0197a1c2-7d3e-7b4f-8a5b-6c7d8e9fa0b1"
    add = f'{{"command":"add_tag","uuid":"{uuid}","query":"vip"}}'
    about = "A command's `uuid` is the subject's id. It is not an address, so the CloudEvent has it as the subject."
    yield read("object", about, add, uuid)
    yield read("list", "A command by `uuid` is also read in a list.", add, uuid, text=listed("command", add))
    yield read("email_wins", "`email` wins over `uuid`.",
               f'{{"command":"add_tag","uuid":"{uuid}","email":"jo@example.com"}}', "jo@example.com")
    for case, value in (("null", "null"), ("empty", '""'), ("number", "5"), ("object", "{}")):
        yield read(f"email_{case}", f"If the e-mail is not a non-empty text, `uuid` counts: {case}.",
                   f'{{"command":"add_tag","email":{value},"uuid":"{uuid}"}}', uuid)
    for case, value in (("null", "null"), ("empty", '""'), ("number", "7"), ("list", '["u"]')):
        yield read(f"uuid_{case}",
                   f"A uuid that is not a non-empty text does not count, and the subject has no id: {case}.",
                   f'{{"command":"add_tag","uuid":{value}}}', None)
    yield read("with_at_sign", "A uuid with an `@` may be an address, so the CloudEvent has no subject.",
               '{"command":"add_tag","uuid":"u@example.com"}', "u@example.com")
    yield read("hidden_characters", "In the CloudEvent's subject white space and `%`, `#` are percent-encoded.",
               '{"command":"add_tag","uuid":"u 1%2#3"}', "u 1%2#3")
    yield read("email_without_at_sign", "An e-mail stays out of the CloudEvent's subject, with an `@` or not.",
               '{"command":"add_tag","email":"jo"}', "jo")
    raw = f'{{"email":null,"uuid":"{uuid}"}}'
    yield Bento("uuid/of_a_subscriber", "Only commands have a `uuid`: a subscriber's is not read.",
                listed("subscribers", raw)).accepted(
        event("subscriber.updated", "subscribers", NOBODY, raw, cloudevent=True))
    yield Bento("uuid/of_an_event", "An event with only a `uuid` has no e-mail, so it is malformed.",
                f'{{"events":[‸{{"type":"$view","uuid":"{uuid}"}}]}}').refused("malformed_payload", "/events/0/email")
    good = '{"command":"add_tag","email":"jo@example.com"}'
    for case, bad in (("repeated", '{"command":"add_tag","uuid":"a","uuid":"a"}'),
                      ("lone_surrogate", '{"command":"add_tag","uuid":"\\ud800"}')):
        about = f"A faulty uuid makes only its command malformed: {case.replace('_', ' ')}."
        yield Bento(f"uuid/{case}", about, listed("command", good, bad)).accepted(
            event("subscriber.commanded", "add_tag", JO, good), malformed=[(1, "/command/1/uuid")])
    yield Bento("uuid/repeated_alone", "The fault of a repeated uuid is at the second key.",
                '{"command":{"command":"add_tag","uuid":"a",‸"uuid":"b"}}').refused(
        "malformed_payload", "/command/uuid")
    yield Bento("uuid/without_command", "A command by `uuid` needs its `command` too.",
                f'{{"command":‸{{"uuid":"{uuid}"}}}}').refused("malformed_payload", "/command/command")


def recipients():
    def read(case, about, to, identifier=None):
        raw = f'{{"to":{to},"from":"hello@yourapp.com","subject":"Hi","html_body":""}}'
        return Bento(f"recipients/{case}", about, listed("emails", raw)).accepted(
            event("email.requested", "emails", ("subscriber", identifier), raw, cloudevent=True))

    several = "An e-mail to several has no single recipient: its subject has no id."
    yield read("two", several, '"jo@example.com,al@example.com"')
    yield read("two_and_space", several, '"jo@example.com, al@example.com"')
    yield read("three", several, '"a@b.co,c@d.co,e@f.co"')
    yield read("comma_escaped", "A comma may be written as an escape.", '"jo@example.com\\u002cal@example.com"')
    yield read("comma_escaped_upper_case", "The escape of a comma may be in upper case.",
               '"jo@example.com\\u002Cal@example.com"')
    yield read("comma_alone", "A comma alone names nobody.", '","')
    yield read("comma_first", "A comma before an address names nobody.", '",jo@example.com"')
    yield read("comma_last", "A comma after an address names nobody.", '"jo@example.com,"')
    yield read("comma_in_a_name", "A comma in a name is a comma.", '"\\"Doe, Jo\\" <jo@example.com>"')
    yield read("semicolon", "A semicolon separates nothing.", '"jo@example.com;al@example.com"',
               "jo@example.com;al@example.com")
    yield read("full_width_comma", "A comma of another script separates nothing.", '"jo\\uff0cal@example.com"',
               "jo\uff0cal@example.com")
    yield read("with_name", "A name before the address stays.", '"Jo <jo@example.com>"', "Jo <jo@example.com>")
    raw = '{"email":"jo@example.com,al@example.com"}'
    yield Bento("recipients/subscriber_with_comma", "Only `to` is a list: a subscriber's e-mail is kept as it is.",
                listed("subscribers", raw)).accepted(
        event("subscriber.updated", "subscribers", ("subscriber", "jo@example.com,al@example.com"), raw))


def workflows_beside_containers():
    def reached(case, about, text, name="ping", subject=("workflow", None), cloudevent=True, **options):
        return Bento(f"workflow_beside/{case}", about, text, options=options).accepted(
            event("workflow.reached", name, subject, cloudevent=cloudevent))

    for container, value in (("events", f"[{VIEW}]"), ("subscribers", '[{"email":"a@b.co"}]'),
                             ("subscriber", '{"email":"a@b.co"}'), ("emails", '{"to":"a@b.co"}'),
                             ("command", '{"command":"add_tag"}')):
        about = f"A text `event` makes a workflow webhook, also after `{container}`."
        yield reached(f"behind_{container}", about, f'{{"{container}":{value},"event":"ping"}}')
        about = f"A text `event` makes a workflow webhook, also before `{container}`."
        yield reached(f"before_{container}", about, f'{{"event":"ping","{container}":{value}}}')
    bad = "A fault in a container beside a text `event` is ignored"
    for case, text in (
        ("malformed_elements", '"events":[1,null,{"type":5}]'), ("one_bad_element", f'"events":[{VIEW},7]'),
        ("empty_object", '"events":{}'), ("empty_list", '"events":[]'), ("numbered", f'"events":{{"0":{VIEW},"0":1}}'),
        ("two_containers", f'"events":[{VIEW}],"subscribers":[]'), ("repeated_container", '"emails":[],"emails":{}'),
        ("list_as_subscriber", '"subscriber":[{"email":"a@b.co"}]'),
        ("command_without_word", '"command":{"email":"a"}'),
        ("repeated_key_in_element", '"events":[{"type":"a","type":"b","email":"c"}]'),
        ("identity_and_uuid", '"events":{"identity":5},"uuid":1,"uuid":2'),
    ):
        about = f"{bad}: {case.replace('_', ' ')}, before the event."
        yield reached(f"fault_{case}", about, f'{{{text},"event":"ping"}}')
        about = f"{bad}: {case.replace('_', ' ')}, after the event."
        yield reached(f"fault_{case}_behind", about, f'{{"event":"ping",{text}}}')
    surrogate = '"events":[{"type":"\\ud800","email":"a@b.co"}]'
    yield reached("fault_lone_surrogate", f"{bad}: a lone surrogate is not read.",
                  f'{{{surrogate},"event":"ping"}}', cloudevent=False)
    yield reached("email_before", "The e-mail beside the container is the workflow's.",
                  f'{{"email":"jo@example.com","events":[{VIEW}],"event":"ping"}}', subject=JO)
    yield reached("email_behind", "The e-mail after the container is the workflow's too.",
                  f'{{"events":[{VIEW}],"event":"ping","email":"jo@example.com"}}', subject=JO)
    yield reached("email_number", "An e-mail that is not a text counts as absent.",
                  f'{{"email":5,"events":[{VIEW}],"event":"ping"}}')
    yield reached("escaped", "The key and the word are unescaped.", f'{{"events":[{VIEW}],"\\u0065vent":"p\\u0069ng"}}')
    yield reached("white_space", "The event is the whole body, without the white space around it.",
                  f'\n{{ "events" : [ {VIEW} ] , "event" : "ping" }}\t')
    yield reached("type_beside", "A type and a date beside a workflow's `event` are not read.",
                  '{"type":1,"type":2,"date":{},"date":{},"details":[],"details":1,"event":"ping"}')
    yield reached("exactly_max_events", "Up to max_events elements beside a text `event` are ignored.",
                  f'{{"events":[{VIEW},{VIEW}],"event":"ping"}}', max_events=2)

    def too_many(case, about, text):
        return Bento(f"workflow_beside/{case}", about, text, options={"max_events": 1}).refused("too_many_events")

    about = "More elements than max_events are refused, whatever follows."
    yield too_many("over_max_events", about, f'{{"events":[{VIEW},{VIEW}],"event":"ping"}}')
    yield too_many("over_max_events_malformed", about, '{"events":[1,2],"event":"ping"}')
    yield too_many("over_max_events_numbered", about, f'{{"events":{{"0":{VIEW},"1":{VIEW}}},"event":"ping"}}')
    yield too_many("over_max_events_subscribers", about, '{"subscribers":[{},{}],"event":"ping"}')

    refused = Bento.refusing("workflow_beside")

    twice = "A repeated `event` of a workflow is refused"
    yield refused("event_repeated_behind", f"{twice}, also with a container between the two.",
                  f'{{"event":"ping","events":[{VIEW}],‸"event":"ping"}}', "/event")
    yield refused("event_repeated_before", f"{twice}, also after a container.",
                  f'{{"events":[{VIEW}],"event":"ping",‸"event":"pong"}}', "/event")
    yield refused("event_null_then_text", f"{twice}, even if the first one is null.",
                  f'{{"event":null,"events":[{VIEW}],‸"event":"ping"}}', "/event")
    yield refused("event_text_then_null", f"{twice}, even if the second one is null.",
                  f'{{"event":"ping",‸"event":null,"events":[{VIEW}]}}', "/event")
    yield refused("event_empty_then_text", f"{twice}, even if the first one is empty.", '{"event":"",‸"event":"ping"}',
                  "/event")
    yield refused("email_repeated",
                  "A repeated e-mail of a workflow is refused, also with a container between the two.",
                  f'{{"event":"ping","email":"a@b.co","events":[{VIEW}],‸"email":"a@b.co"}}', "/email")
    yield refused("broken_container", "If a container is not JSON, the webhook is refused.",
                  '{"events":[1,‸],"event":"ping"}')
    yield refused("broken_behind", "If the body is not JSON after the event, the webhook is refused.",
                  f'{{"event":"ping","events":[{VIEW}‸}}')


def events_that_are_no_text():
    """If no `event` is a non-empty text and there is one container, `event` is not read."""
    for case, text in (("null", '"event":null,'), ("empty", '"event":"",'), ("number", '"event":5,'),
                       ("object", '"event":{"type":"x"},'), ("twice", '"event":null,"event":null,'),
                       ("twice_of_two_kinds", '"event":5,"event":[],')):
        about = f"Beside a container an `event` that is not a text is not read: {case.replace('_', ' ')}."
        yield Bento(f"no_event/{case}", about, f'{{{text}"events":[{VIEW}]}}').accepted(seen(VIEW))
        yield Bento(f"no_event/{case}_behind", about, f'{{"events":[{VIEW}],{text[:-1]}}}').accepted(seen(VIEW))
    about = "Without a container a repeated `event` is a fault, text or not."
    yield Bento("no_event/twice_alone", about, '{"event":null,‸"event":null}').refused("malformed_payload", "/event")
    about = "Beside a container `email` is not read either."
    yield Bento("no_event/email_twice", about,
                f'{{"event":null,"email":1,"events":[{VIEW}],"email":2}}').accepted(seen(VIEW))
    about = "Two containers are refused if no `event` is a text."
    yield Bento("no_event/two_containers", about,
                f'{{"event":"","events":[{VIEW}],‸"emails":[]}}').refused("malformed_payload", "/emails")
    about = "If no element can be read and no `event` is a text, the delivery is refused."
    yield Bento("no_event/nothing_readable", about,
                '{"event":null,"events":[‸1]}').refused("malformed_payload", "/events/0")


def dates():
    time = "2026-03-04T05:06:07Z"
    yield dated("rfc3339_space", "A space may replace `T`.", '"2026-03-04 05:06:07Z"', time)
    yield dated("rfc3339_space_offset", "A space may replace `T` before an offset too.", '"2026-03-04 06:06:07+01:00"',
                time)
    yield dated("rfc3339_space_fraction", "A space may replace `T` with a fraction too.", '"2026-03-04 05:06:07.0899Z"',
                "2026-03-04T05:06:07.089Z")
    yield dated("rfc3339_offset_without_colon", "The offset may be written without its colon.",
                '"2026-03-04T10:36:07+0530"', time)
    yield dated("rfc3339_offset_without_colon_west", "A western offset may be written without its colon too.",
                '"2026-03-03T21:06:07-0800"', time)
    yield dated("rfc3339_space_offset_without_colon",
                "The offset may lack its colon after a space in place of `T` too.",
                '"2026-03-04 06:06:07+0100"', time)
    yield dated("rfc3339_fraction_offset_without_colon", "A fraction may precede an offset without a colon.",
                '"2026-03-04T06:06:07.5+0100"', "2026-03-04T05:06:07.500Z")
    yield dated("dotnet_escaped", "The form of .NET is read: seven digits of a second, and the plus sign as an escape.",
                '"2026-03-04T05:06:07.1234567\\u002B00:00"', "2026-03-04T05:06:07.123Z")
    yield dated("ruby_east", "Ruby's own form is read: a space before the offset.", '"2026-03-04 06:06:07 +0100"', time)
    yield dated("ruby_west", "Ruby's own form is read with a western offset too.", '"2026-03-03 23:36:07 -0530"', time)
    yield dated("ruby_zero", "A zero offset is read.", '"2026-03-04 05:06:07 +0000"', time)
    yield dated("ruby_minus_zero", "A negative zero offset is read.", '"2026-03-04 05:06:07 -0000"', time)
    yield dated("ruby_over_midnight", "An offset may move the day, the month and the year.",
                '"2027-01-01 00:30:00 +0100"', "2026-12-31T23:30:00Z")
    yield dated("ruby_largest_offset", "The largest offset is a minute below a day.", '"2026-03-05 05:05:07 +2359"',
                time)
    yield dated("ruby_escaped", "Escapes in a date are decoded.", '"2026-03-04 06:06:07 \\u002b0100"', time)
    unread = "the event is read without a time."
    for case, about, date in (
        ("ruby_colon", "A colon in an offset after a space", "2026-03-04 06:06:07 +01:00"),
        ("ruby_fraction", "A fraction before an offset after a space", "2026-03-04 06:06:07.5 +0100"),
        ("ruby_t", "A `T` before an offset after a space", "2026-03-04T06:06:07 +0100"),
        ("ruby_two_spaces", "Two spaces before the offset", "2026-03-04 06:06:07  +0100"),
        ("ruby_tab", "A tab before the offset", "2026-03-04 06:06:07\\t+0100"),
        ("ruby_three_digits", "An offset of three digits", "2026-03-04 06:06:07 +100"),
        ("ruby_hours_alone", "An offset of only hours", "2026-03-04 06:06:07 +01"),
        ("ruby_24_hours", "An offset of 24 hours", "2026-03-04 06:06:07 +2400"),
        ("ruby_60_minutes", "An offset of 60 minutes", "2026-03-04 06:06:07 +0160"),
        ("ruby_no_sign", "An offset without a sign", "2026-03-04 06:06:07 0100"),
        ("ruby_trailing_text", "Text after the offset", "2026-03-04 06:06:07 +0100 CET"),
        ("ruby_february_30", "A day that does not exist", "2026-02-30 06:06:07 +0100"),
        ("ruby_second_60", "A leap second", "2026-03-04 06:06:60 +0100"),
        ("ruby_hour_24", "An hour that does not exist", "2026-03-04 24:06:07 +0100"),
        ("ruby_before_first_instant", "An instant before the year 0001", "0001-01-01 00:00:00 +0001"),
        ("ruby_after_last_instant", "An instant past the year 9999", "9999-12-31 23:59:59 -0001"),
        ("rfc3339_offset_24_hours", "An offset of 24 hours without a colon", "2026-03-04T06:06:07+2400"),
        ("rfc3339_offset_of_hours", "An offset of only hours after a `T`", "2026-03-04T06:06:07+01"),
        ("rfc3339_two_spaces", "Two spaces in place of `T`", "2026-03-04  05:06:07Z"),
        ("rfc3339_underscore", "An underscore in place of `T`", "2026-03-04_05:06:07Z"),
        ("spaced_z", "A space before `Z`", "2026-03-04 05:06:07 Z"),
        ("spaced_utc_lower_case", "`utc` in lower case", "2026-03-04 05:06:07 utc"),
        ("spaced_zone_name", "Another zone's name", "2026-03-04 05:06:07 CET"),
        ("python_text", "Python's text without a zone", "2026-03-04 05:06:07.089123"),
        ("rfc3339_no_zone_fraction", "No zone after a fraction", "2026-03-04T05:06:07.089"),
        ("unix_seconds_as_text", "Unix seconds as text", "1772600767"),
        ("javascript", "JavaScript's own text", "Wed Mar 04 2026 05:06:07 GMT+0000"),
    ):
        yield dated(case, f"{about}: {unread}", f'"{date}"')


def types_of_plugins():
    """Types and members that plugins of shops and forms send."""
    def read(case, about, name, raw, **expected):
        return Bento(f"plugins/{case}", about, listed("events", raw)).accepted(
            seen(raw, name, cloudevent=True, **expected))

    for name in ("$OrderPlaced", "$OrderCreated", "$OrderShipped", "$OrderFulfilled", "$OrderHeld", "$OrderCancelled",
                 "$OrderRefunded", "$RefundCreated", "$CheckoutConfirmed", "$DownloadPurchased", "$DownloadRefunded",
                 "$SubscriptionCreated", "learndash_course_completed"):
        raw = tracked(name, details='{"unique":{"key":"1001"},"value":{"currency":"USD","amount":1}}')
        about = f"`{name}` of an order is subscriber.tracked, with another id than the order's other events."
        yield read(name.strip("$").lower(), about, name, raw, unique_key="1001")
    name = "$GFormsSubmit:Contact us #2 (100%)-7"
    raw = tracked(name, fields='{"":"an empty label","Your message":"Hi"}')
    about = "A form's title is in the type: white space, `#` and `%` are percent-encoded."
    yield read("form_title", about, name, raw)
    name = "$GFormsSubmit:Форма\u200e\u202e\u00ad🍱-7"
    yield read("form_title_of_any_letters", "Letters stay, and direction and other format characters are encoded.",
               name, tracked(name))
    yield read("laravel_nulls", "A client sends `fields` and `details` as null.", "$view",
               tracked(fields="null", details="null", date="null"))
    yield read("swift_lists", "A client sends `fields` and `details` as lists of text.", "$view",
               tracked(fields='["a","b"]', details='["page","/"]'))
    reform = '{"form":{"id":"f1","name":"Contact"},"answers":[{"question":"E-mail","answer":"jo@example.com"}]}'
    yield Bento("plugins/form_service", "A form service's own JSON is a workflow webhook.", reform).accepted(
        event("workflow.other", "workflow", ("workflow", None), cloudevent=True))

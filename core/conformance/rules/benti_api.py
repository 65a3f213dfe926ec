"""Benti's API family: items and actions, the containers, timestamps and ids; and elements that cannot be read."""

from .vector import Benti, event

VERBS = {"add": "created", "update": "updated", "remove": "removed"}
INSIDE_A_TICKET = ("alert", "reply", "media")  # their parent is the ticket
TIME = "2022-08-18T14:50:25Z"  # the timestamp in the vendor's sample


def vectors():
    yield from every_item_and_action()
    yield from unknown_words()
    yield from containers()
    yield from timestamps()
    yield from ids()
    yield from malformed_elements()
    yield from nothing_readable()
    yield from limits()


def element(item="ticket", action="add", identifier="200", timestamp="1660834225", **more):
    """An element of the API family, from JSON texts. Items inside of a ticket name it as their parent."""
    parent = "100" if item in INSIDE_A_TICKET else "null"
    fields = {"id": identifier, "item": f'"{item}"', "action": f'"{action}"', "timestamp": timestamp}
    fields |= {"actor": "4014", "parent": parent} | more
    return "{" + ",".join(f'"{name}":{value}' for name, value in fields.items()) + "}"


def seen(raw, item="ticket", action="add", kind="ticket.created", identifier="200", time=TIME, **fields):
    fields = {"actor": ("user", "4014")} | fields
    if item in INSIDE_A_TICKET:
        fields.setdefault("parent", ("ticket", "100"))
    return event(kind, f"{item}.{action}", (kind.split(".")[0], identifier), raw, time=time, **fields)


def every_item_and_action():
    for item in ("alert", "ticket", "reply", "user", "media", "classification", "queue"):
        for action, verb in VERBS.items():
            raw, kind = element(item, action), f"{item}.{verb}"
            about = f"`{item}` × `{action}` is {kind}; in a list of one the id has no index."
            shown = seen(raw, item, action, kind, cloudevent=True)
            yield Benti(f"api_list/{item}_{action}", about, f"[{raw}]").accepted(shown)
            about = f"`{item}` × `{action}` as a single object is the same event."
            yield Benti(f"api_object/{item}_{action}", about, raw).accepted(seen(raw, item, action, kind))


def unknown_words():
    def unknown(case, about, item, action, kind):
        raw = element(item, action)
        return Benti(f"api_unknown/{case}", about, f"[{raw}]").accepted(seen(raw, item, action, kind, cloudevent=True))

    yield unknown("item_add", "An unknown item is other; its action is still known.", "tag", "add", "other.created")
    yield unknown("item_update", "An unknown item is other; its action is still known.", "tag", "update",
                  "other.updated")
    yield unknown("item_remove", "An unknown item is other; its action is still known.", "tag", "remove",
                  "other.removed")
    yield unknown("ticket_action", "An unknown action of a ticket is ticket.other.", "ticket", "merge", "ticket.other")
    yield unknown("queue_action", "An unknown action of a queue is queue.other.", "queue", "archive", "queue.other")
    for item in ("alert", "reply", "user", "media", "classification"):
        about = f"An unknown action of `{item}` is {item}.other."
        yield unknown(f"{item}_action", about, item, "archive", f"{item}.other")
        raw = element(item, "archive")
        yield Benti(f"api_unknown/{item}_action_object", about[:-1] + " as a single object too.", raw).accepted(
            seen(raw, item, "archive", f"{item}.other"))
    yield unknown("both", "An unknown item with an unknown action is other.other, with the vendor's words as the name.",
                  "survey", "sent",
                  "other.other")
    yield unknown("both_of_a_chat", "Words of another product are other.other, not an error.", "chat", "close",
                  "other.other")
    yield unknown("item_case", "Items are case-sensitive.", "Ticket", "add", "other.created")
    yield unknown("action_case", "Actions are case-sensitive.", "ticket", "Add", "ticket.other")
    yield unknown("instance_action", "An instance action has no meaning beside an item.", "ticket", "close-ticket",
                  "ticket.other")
    about = "White space in the vendor's words is percent-encoded in the CloudEvent's type."
    yield unknown("white_space", about, "chat room", "add", "other.created")


def containers():
    first, second = element(identifier="1"), element("reply", "add", "2")
    pair = lambda: (seen(first, identifier="1"), seen(second, "reply", kind="reply.created", identifier="2"))
    yield Benti("container/list", "A list: each event has its index in the id.",
                f"[{first},{second}]").accepted(*pair())
    yield Benti("container/events_list", "Events of the API family may be in `events`.",
                f'{{"events":[{first},{second}]}}').accepted(*pair())
    yield Benti("container/events_object", "`events` may hold a single object.", f'{{"events":{first}}}').accepted(
        seen(first, identifier="1", cloudevent=True))
    yield Benti("container/events_list_of_one", "A list of one in `events`: no index in the id.",
                f'{{"events":[{first}]}}').accepted(seen(first, identifier="1"))
    yield Benti("container/empty_list", "An empty list is a delivery without events and without a time.",
                "[]").accepted()
    yield Benti("container/empty_events", "Empty `events` are a delivery without events.", '{"events":[]}').accepted()
    about = "The index distinguishes equal elements of one delivery."
    yield Benti("container/equal_elements", about, f"[{first},{first}]").accepted(
        seen(first, identifier="1"), seen(first, identifier="1"))
    about = "Other keys beside `events` are not read, repeated or not."
    text = f'{{"project":"p","events":[{first}],"action":1,"project":"q"}}'
    yield Benti("container/other_keys_beside_events", about, text).accepted(seen(first, identifier="1"))
    yield Benti("container/key_escaped", "`events` is compared after unescaping.",
                f'{{"\\u0065vents":[{first}]}}').accepted(seen(first, identifier="1"))
    about = "White space around an element belongs to the body, not to the element's bytes."
    spaced = f" [\n\t{first} ,\r\n {second}\t]\n"
    yield Benti("container/white_space", about, spaced).accepted(*pair())
    about = "White space around a single object belongs to the replay key, not to the event's id."
    yield Benti("container/white_space_around_object", about, f"\n {first} \n").accepted(seen(first, identifier="1"))
    about = "The family is decided element by element."
    closed = '{"id":"r-9","action":"close-ticket","created_at":"20220818145030","body":{"ticket_id":"P-7"}}'
    at = "2022-08-18T14:50:30Z"
    yield Benti("container/mixed_families", about, f"[{first},{closed}]").accepted(
        seen(first, identifier="1"),
        event("ticket.closed", "close-ticket", ("ticket", "P-7"), closed, id="r-9", time=at, zone_assumed=True))
    about = "The delivery's time is that of the newest event, at any position."
    late, early = element(identifier="1", timestamp="1660834226"), element(identifier="2", timestamp="1660834224")
    yield Benti("container/newest_time", about, f"[{late},{early}]").accepted(
        seen(late, identifier="1", time="2022-08-18T14:50:26Z"),
        seen(early, identifier="2", time="2022-08-18T14:50:24Z"))
    for case, value in (("number", "42"), ("text", '"ticket"'), ("null", "null"), ("false", "false")):
        about = f"A delivery is a list or an object: {case} is neither."
        yield Benti(f"container/top_level_{case}", about, "‸" + value).refused("malformed_payload", "")
    for case, value in (("null", "null"), ("text", '"none"'), ("number", "0"), ("true", "true")):
        about = f"`events` holds a list or an object: {case} is neither."
        yield Benti(f"container/events_{case}", about, f'{{"events":‸{value}}}').refused("malformed_payload", "/events")
    about = "`events` twice is refused; the fault is at the second key."
    yield Benti("container/events_repeated", about,
                f'{{"events":[{first}],‸"events":[]}}').refused("malformed_payload", "/events")


def timestamps():
    def read(case, about, timestamp, time):
        raw = element(timestamp=timestamp)
        return Benti(f"timestamp/{case}", about, f"[{raw}]").accepted(seen(raw, time=time, cloudevent=True))

    def refused(case, about, timestamp):
        raw = element(timestamp="‸" + timestamp)
        return Benti(f"timestamp/{case}", about, f"[{raw}]").refused("malformed_payload", "/0/timestamp")

    yield read("text", "Unix seconds may be given as text.", '"1660834225"', TIME)
    yield read("zero", "Zero is 1970, not absent.", "0", "1970-01-01T00:00:00Z")
    yield read("null", "A null timestamp leaves the time absent.", "null", None)
    raw = '{"id":200,"item":"ticket","action":"add"}'
    about = "An event without a timestamp, an actor and a parent is read, and the delivery has no time."
    yield Benti("timestamp/absent", about, f"[{raw}]").accepted(seen(raw, time=None, actor=None, cloudevent=True))
    yield read("1e11_is_seconds", "100,000,000,000 is still seconds.", "100000000000", "5138-11-16T09:46:40Z")
    yield read("above_1e11_is_milliseconds", "A value above 1e11 is milliseconds.", "100000000001",
               "1973-03-03T09:46:40.001Z")
    yield read("milliseconds", "Milliseconds of 2022.", "1660834225089", "2022-08-18T14:50:25.089Z")
    yield read("milliseconds_as_text", "Milliseconds may be given as text too.", '"1660834225089"',
               "2022-08-18T14:50:25.089Z")
    yield read("negative", "A negative timestamp lies before 1970.", "-1", "1969-12-31T23:59:59Z")
    yield read("first_instant", "The first second of the year 0001.", "-62135596800", "0001-01-01T00:00:00Z")
    yield refused("before_first_instant", "One second before the year 0001 cannot be represented.", "-62135596801")
    yield read("last_instant", "The last millisecond of the year 9999.", "253402300799999", "9999-12-31T23:59:59.999Z")
    yield refused("after_last_instant", "One millisecond past the year 9999 cannot be represented.", "253402300800000")
    yield refused("beyond_64_bits", "A value of 30 digits is a malformed element, never a panic.", "9" * 30)
    yield refused("beyond_64_bits_as_text", "A value of 30 digits as text too.", f'"{"9" * 30}"')
    yield refused("fraction", "A fraction of a second is refused.", "1660834225.5")
    yield refused("exponent", "An exponent is refused.", "1660834225e0")
    yield refused("true", "A boolean is not a timestamp.", "true")
    yield refused("empty_text", "An empty text is not a timestamp.", '""')
    yield refused("word", "A word is not a timestamp.", '"now"')
    yield refused("rfc3339", "RFC 3339 is for created_at; a timestamp is an integer.", '"2022-08-18T14:50:25Z"')
    yield refused("object", "An object is not a timestamp.", '{"seconds":1660834225}')


def ids():
    def read(case, about, raw, **expected):
        return Benti(f"api_ids/{case}", about, f"[{raw}]").accepted(seen(raw, **expected))

    def refused(case, about, path, **fields):
        return Benti(f"api_ids/{case}", about, f"[{element(**fields)}]").refused("malformed_payload", path)

    yield read("text", "Ids may be text.", element(identifier='"T-200"', actor='"jo"', parent='"T-100"'),
               identifier="T-200", actor=("user", "jo"), parent=("ticket", "T-100"))
    big = "18446744073709551616"
    yield read("beyond_2_64", "Ids of any size are kept exactly.", element(identifier=big, actor=big, parent=big),
               identifier=big, actor=("user", big), parent=("ticket", big))
    yield read("null", "Null ids count as absent.", element(identifier="null", actor="null", parent="null"),
               identifier=None, actor=None, parent=None, cloudevent=True)
    yield read("empty_text", "Empty ids count as absent.", element(identifier='""', actor='""', parent='""'),
               identifier=None, actor=None, parent=None)
    yield read("zero", "Zero is an id.", element(identifier="0", actor="0"), identifier="0", actor=("user", "0"))
    yield read("negative", "A negative id is kept.", element(identifier="-7"), identifier="-7")
    yield read("subticket", "A ticket with a parent is a subticket.", element(parent="150"), parent=("ticket", "150"),
               cloudevent=True)
    yield read("with_at_sign", "An id with an `@` does not enter the CloudEvent's subject.",
               element(identifier='"a@b.co"'), identifier="a@b.co", cloudevent=True)
    absent = '{"item":"user","action":"update","timestamp":1660834225}'
    yield Benti("api_ids/absent", "An element without an id is read, and its subject has no id.",
                f"[{absent}]").accepted(
        event("user.updated", "user.update", ("user", None), absent, time=TIME))
    for case, value in (("fraction", "200.5"), ("exponent", "2e2"), ("minus_zero", "-0"), ("true", "true"),
                        ("object", "{}"), ("list", "[200]")):
        about = f"An id is an integer or a text: {case.replace('_', ' ')} is malformed."
        yield refused(f"id_{case}", about, "/0/id", identifier="‸" + value)
    yield refused("actor_false", "An actor that is a boolean is malformed.", "/0/actor", actor="‸false")
    yield refused("actor_object", "An actor that is an object is malformed.", "/0/actor", actor='‸{"id":4014}')
    yield refused("parent_fraction", "A parent that is a fraction is malformed.", "/0/parent", parent="‸100.0")
    yield refused("parent_list", "A parent that is a list is malformed.", "/0/parent", parent="‸[]")


def malformed_elements():
    good, other = element(identifier="1"), element(identifier="3")

    def beside(case, about, bad, path):
        """A readable element before the malformed one and one after it."""
        return Benti(f"malformed/{case}", about, f"[{good},{bad},{other}]").accepted(
            seen(good, identifier="1", index=0), seen(other, identifier="3", index=2), malformed=[(1, f"/1{path}")])

    yield beside("number", "An element that is a number does not affect the others.", "42", "")
    yield beside("null", "An element that is null does not affect the others.", "null", "")
    yield beside("list", "An element that is a list does not affect the others.", f"[{good}]", "")
    yield beside("neither_family", "Without `item` and `action` an element is of no family.", '{"id":2}', "/action")
    yield beside("item_empty", "An empty item is malformed.", '{"id":2,"item":"","action":"add"}', "/item")
    yield beside("item_number", "An item that is a number is malformed.", '{"id":2,"item":5,"action":"add"}', "/item")
    about = "The key `item` decides the family even if it is null, and null is not an item."
    yield beside("item_null", about, '{"id":2,"item":null,"action":"close-ticket"}', "/item")
    yield beside("action_absent", "An item without an action is malformed.", '{"id":2,"item":"ticket"}', "/action")
    yield beside("action_null", "A null action is malformed.", '{"id":2,"item":"ticket","action":null}', "/action")
    yield beside("action_empty", "An empty action is malformed.", '{"id":2,"item":"ticket","action":""}', "/action")
    yield beside("bad_timestamp", "A timestamp that cannot be represented makes only its element malformed.",
                 element(identifier="2", timestamp="9" * 20), "/timestamp")
    yield beside("bad_id", "A boolean id makes only its element malformed.", element(identifier="true"), "/id")
    yield beside("repeated_key", "A repeated known key makes only its element malformed.",
                 '{"id":2,"item":"ticket","action":"add","id":2}', "/id")
    yield beside("lone_surrogate", "A lone surrogate in a field that is read makes only its element malformed.",
                 '{"id":2,"item":"tick\\ud800et","action":"add"}', "/item")
    yield beside("number_too_long", "A number over the limit in an unread field makes only its element malformed.",
                 '{"id":2,"item":"ticket","action":"add","n":' + "1" * 1001 + "}", "")
    about = "Under `events` the path begins with `/events`."
    yield Benti("malformed/under_events", about, f'{{"events":[{good},7]}}').accepted(
        seen(good, identifier="1"), malformed=[(1, "/events/1")])
    about = "The malformed element counts: the only readable one has its index in the id, and is index 1."
    yield Benti("malformed/first_of_two", about, f"[null,{good}]").accepted(
        seen(good, identifier="1", index=1, cloudevent=True), malformed=[(0, "/0")])
    about = "A lone surrogate in a field that is not read is accepted, and so is a repeated unread key."
    odd = element(identifier="1", actor='4014,"note":"\\udc00","note":"\\ud800x"')
    yield Benti("malformed/unread_oddities", about, f"[{odd}]").accepted(seen(odd, identifier="1"))
    about = "Several malformed elements are listed in their order."
    yield Benti("malformed/several", about, f'[1,{good},{{"action":true}},"x"]').accepted(
        seen(good, identifier="1", index=1), malformed=[(0, "/0"), (2, "/2/action"), (3, "/3")])


def nothing_readable():
    refused = Benti.refusing("nothing_readable")

    yield refused("numbers", "If no element is readable, the first malformed one is named.", "[‸1,2,3]", "/0")
    yield refused("events_numbers", "Under `events` too the first malformed element is named if none is readable.",
                  '{"events":[‸1,2]}', "/events/0")
    yield refused("list_of_lists", "A list in the list is not an element.", f"[‸[{element()}]]", "/0")
    yield refused("empty_object", "A single object without an action: the path has no index.", "‸{}", "/action")
    yield refused("single_object", "A single object's fault has a path without an index.",
                  '{"id":1,"item":"ticket","action":‸7}', "/action")
    yield refused("events_object", "An object under `events` has a path without an index.", '{"events":‸{}}',
                  "/events/action")
    yield refused("single_element", "A single malformed element refuses the delivery.",
                  '[ ‸{"id":1,"item":"ticket"}]', "/0/action")
    yield refused("repeated_key", "The fault of a repeated key is at the second one.",
                  '[{"item":"ticket",\n "action":"add",\n ‸"item":"ticket"}]', "/0/item")
    yield refused("repeated_key_escaped", "A repeated key is also found if it is written with escapes.",
                  '{"item":"ticket","action":"add","timestamp":1,‸"time\\u0073tamp":2}', "/timestamp")
    yield refused("lone_surrogate", "A lone surrogate in the action.", '[{"item":"ticket","action":‸"a\\udfffdd"}]',
                  "/0/action")
    yield refused("number_too_long", "A number over the limit in an unread field names the element.",
                  '[{"item":"ticket","action":"add","n":‸-' + "1" * 1000 + "}]", "/0")
    yield refused("id_too_long", "A number over the limit in a field that is read names the field.",
                  '[{"item":"ticket","action":"add","id":‸' + "1" * 1001 + "}]", "/0/id")


def limits():
    first, second, third = (element(identifier=str(n)) for n in (1, 2, 3))
    three = f"[{first},{second},{third}]"
    about = "As many events as max_events are read."
    yield Benti("limits/exactly_max_events", about, three, options={"max_events": 3}).accepted(
        *(seen(raw, identifier=str(n)) for n, raw in enumerate((first, second, third), 1)))
    yield Benti("limits/one_event_over", "More events than max_events are too many.", three,
                options={"max_events": 2}).refused("too_many_events")
    about = "The limit holds under `events` too."
    yield Benti("limits/one_event_over_in_events", about, f'{{"events":{three}}}',
                options={"max_events": 2}).refused("too_many_events")
    yield Benti("limits/single_object", "A single object is one event.", first, options={"max_events": 1}).accepted(
        seen(first, identifier="1"))
    raw = element(more="12345")
    about = "A number of exactly max_number_length characters is allowed."
    yield Benti("limits/exactly_max_number_length", about, f"[{raw}]",
                options={"max_number_length": 10}).accepted(seen(raw))
    about = "A timestamp of ten digits is over a limit of nine."
    yield Benti("limits/max_number_length_exceeded", about, f"[{element(timestamp='‸1660834225')}]",
                options={"max_number_length": 9}).refused("malformed_payload", "/0/timestamp")
    for place, text in (("before", '{"n":‸1234567890,"events":[%s,%s]}'), ("behind",
                                                                           '{"events":[%s,%s],"n":‸1234567890}')):
        about = f"A number over the limit {place} the events belongs to none of them."
        raw = element(timestamp="7")
        yield Benti(f"limits/long_number_{place}_the_events", about, text % (raw, raw),
                    options={"max_number_length": 9}).refused("malformed_payload", "")
    about = "`max_depth` counts the list and the element."
    raw = element(more="[]")
    yield Benti("limits/exactly_max_depth", about, f"[{raw}]", options={"max_depth": 3}).accepted(seen(raw))

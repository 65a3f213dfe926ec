"""Bento: an object under `events` whose keys are all canonical decimal numbers is a list of its members."""

from .bento_events import seen, tracked
from .vector import Bento, event

VIEW, CLICK = tracked("$view"), tracked("$click")
NOBODY = ("subscriber", None)


def vectors():
    yield from numbered_objects()
    yield from numbered_objects_with_faults()
    yield from objects_that_are_not_numbered()


def numbered(*members):
    """A body with events under numbers, from pairs of a key and a JSON text."""
    return '{"events":{' + ",".join(f'"{name}":{raw}' for name, raw in members) + "}}"


def numbered_objects():
    def read(case, about, members, *expected, **rest):
        return Bento(f"numbered/{case}", about, numbered(*members), **rest).accepted(*expected)

    about = "A deprecated Ruby class numbers its events: they are read as a list."
    ruby = ('{"identity":{"email":"jo@example.com"},"type":"$view","date":"2026-03-04 06:06:07 +0100",'
            '"details":{"page":"/"}}')
    at = "2026-03-04T05:06:07Z"
    yield read("ruby", about, [("0", ruby), ("1", CLICK)], seen(ruby, time=at, cloudevent=True),
               seen(CLICK, "$click", cloudevent=True))
    yield read("one", "A single numbered event: its id has no index.", [("0", VIEW)], seen(VIEW, cloudevent=True))
    about = "A gap is allowed: the index is the position in the document."
    yield read("gap", about, [("0", VIEW), ("7", CLICK)], seen(VIEW), seen(CLICK, "$click"))
    yield read("not_from_zero", "The first number may be any.", [("41", VIEW), ("42", CLICK)], seen(VIEW),
               seen(CLICK, "$click"))
    yield read("descending", "The document's order counts, not that of the numbers.", [("9", VIEW), ("3", CLICK)],
               seen(VIEW), seen(CLICK, "$click"))
    about = "Numbers are ordered neither as numbers nor as text."
    yield read("ten_before_two", about, [("2", VIEW), ("10", CLICK), ("1", VIEW)], seen(VIEW), seen(CLICK, "$click"),
               seen(VIEW))
    yield read("beyond_2_64", "A number may have any size.", [("18446744073709551616", VIEW), ("1" * 300, CLICK)],
               seen(VIEW), seen(CLICK, "$click"))
    yield read("key_escaped", "Keys are compared after unescaping: these are 0 and 12.",
               [("\\u0030", VIEW), ("\\u00312", CLICK)], seen(VIEW), seen(CLICK, "$click"))
    yield read("equal_members", "The index distinguishes equal members.", [("0", VIEW), ("1", VIEW)],
               seen(VIEW), seen(VIEW))
    spaced = f'{{ "events" : {{ "0" : {VIEW} ,\n\t"1":{CLICK}\r\n}} }}'
    yield Bento("numbered/white_space", "White space between the members belongs to none of them.", spaced).accepted(
        seen(VIEW), seen(CLICK, "$click"))
    yield read("exactly_max_events", "As many members as max_events are read.", [("0", VIEW), ("1", CLICK)],
               seen(VIEW), seen(CLICK, "$click"), options={"max_events": 2})
    about = "`max_depth` counts the body's object, the numbered object and the event."
    yield read("exactly_max_depth", about, [("0", VIEW)], seen(VIEW), options={"max_depth": 3})
    raw = tracked("$purchase", details='{"unique":{"key":"ord_1"}}')
    about = "A unique key counts in a numbered event as in a listed one, without an index."
    yield read("unique_key", about, [("0", raw), ("1", VIEW)],
               seen(raw, "$purchase", "subscriber.purchased", unique_key="ord_1"), seen(VIEW))
    fifty = [(str(n), tracked("a", f'"u{n}@example.com"')) for n in range(0, 100, 2)]
    about = "Fifty members with gaps: index 49 is the number 98."
    last = seen(fifty[49][1], "a", subject=("subscriber", "u98@example.com"), index=49)
    yield Bento("numbered/fifty", about, numbered(*fifty)).accepted(last, total=50)


def numbered_objects_with_faults():
    def beside(case, about, members, *expected, malformed):
        return Bento(f"numbered/{case}", about, numbered(*members)).accepted(*expected, malformed=malformed)

    view, click = (lambda index: seen(VIEW, index=index)), (lambda index: seen(CLICK, "$click", index=index))
    for case, bad, path in (("number", "5", ""), ("null", "null", ""), ("text", '"$view"', ""), ("list", "[]", ""),
                            ("type_absent", '{"email":"a@b.co"}', "/type"),
                            ("type_empty", '{"type":"","email":"a"}', "/type"),
                            ("email_number", '{"type":"$view","email":1}', "/email"),
                            ("email_absent", '{"type":"$view"}', "/email")):
        about = f"A bad member does not affect the others: {case.replace('_', ' ')}."
        yield beside(f"member_{case}", about, [("0", VIEW), ("1", bad), ("2", CLICK)], view(0), click(2),
                     malformed=[(1, f"/events/1{path}")])
    about = "The path has the position in the document, not the number."
    yield beside("path_with_gap", about, [("10", VIEW), ("20", "7"), ("30", CLICK)], view(0), click(2),
                 malformed=[(1, "/events/1")])
    about = "A number repeated: the second of the two is malformed, and has its index."
    yield beside("key_repeated", about, [("0", VIEW), ("0", CLICK)], view(0), malformed=[(1, "/events/1")])
    about = "The member after a repeated number is read."
    yield beside("key_repeated_in_the_middle", about, [("0", VIEW), ("0", VIEW), ("1", CLICK)], view(0), click(2),
                 malformed=[(1, "/events/1")])
    about = "Three of one number: the second and the third are malformed."
    yield beside("key_three_times", about, [("4", VIEW), ("4", VIEW), ("4", VIEW)], view(0),
                 malformed=[(1, "/events/1"), (2, "/events/2")])
    about = "A repeated number is found even if it is written with escapes and is not next to the first."
    yield beside("key_repeated_escaped", about, [("1", VIEW), ("2", CLICK), ("\\u0031", VIEW)], view(0), click(1),
                 malformed=[(2, "/events/2")])
    about = "A bad first member: the readable one has the index of its position."
    yield beside("first_is_bad", about, [("0", "null"), ("1", VIEW)], view(1), malformed=[(0, "/events/0")])

    refused = Bento.refusing("numbered")

    yield refused("nothing_readable", "If no member is readable, the first is named by its position.",
                  '{"events":{"7":‸1,"8":2}}', "/events/0")
    yield refused("single_type_absent", "A single bad member refuses the delivery; its path has its position.",
                  '{"events":{"3":‸{"email":"a@b.co"}}}', "/events/0/type")
    yield refused("single_email_wrong", "The position is that of the wrong value.",
                  '{"events":{"3":{"type":"$view","email":‸true}}}', "/events/0/email")
    yield refused("number_too_long", "A number over the limit in an unread field names the member.",
                  '{"events":{"5":{"type":"$view","email":"a@b.co","n":‸' + "1" * 1001 + "}}}", "/events/0")
    yield refused("trailing_comma", "A trailing comma is not JSON.", f'{{"events":{{"0":{VIEW},‸}}}}', None)
    yield refused("truncated", "A numbered object that does not end is refused with its good members.",
                  f'{{"events":{{"0":{VIEW}‸', None)
    yield Bento("numbered/over_max_events", "More members than max_events are too many.",
                numbered(("0", VIEW), ("1", CLICK)), options={"max_events": 1}).refused("too_many_events")
    yield Bento("numbered/over_max_events_with_gaps", "Members count, not numbers.",
                numbered(("5", VIEW), ("9", CLICK), ("11", "1")),
                options={"max_events": 2}).refused("too_many_events")
    yield Bento("numbered/over_max_events_repeated", "A repeated number counts.",
                numbered(("0", VIEW), ("0", VIEW)), options={"max_events": 1}).refused("too_many_events")
    yield Bento("numbered/too_deep", "A member too deep refuses the delivery.",
                '{"events":{"0":{"type":"$view","email":"a@b.co","details":{"a":‸[]}}}}',
                options={"max_depth": 4}).refused("malformed_payload")


def objects_that_are_not_numbered():
    """If one key is not a canonical number, the object is a single event."""
    refused = lambda case, about, text: Bento(f"numbered/{case}", about, text).refused(
        "malformed_payload", "/events/type")
    yield refused("empty_object", "An empty object is one event, without a type.", '{"events":‸{}}')
    for case, name in (
        ("leading_zero", "00"), ("leading_zero_of_one", "01"), ("minus_sign", "-1"), ("plus_sign", "+1"),
        ("fraction", "1.0"), ("exponent", "1e0"), ("space", "1 "), ("empty_key", ""), ("full_width", "\uff11"),
        ("arabic_digit", "\u0661"), ("letter", "x"), ("hexadecimal", "0x1"),
    ):
        about = "A key that is not a canonical decimal number makes the object one event, here without a type."
        yield refused(f"not_{case}", about, f'{{"events":‸{{"{name}":{VIEW}}}}}')
    about = "One key that is not a number makes the whole object one event."
    yield refused("not_all_first", about, f'{{"events":‸{{"note":1,"0":{VIEW},"1":{CLICK}}}}}')
    yield refused("not_all_last", about, f'{{"events":‸{{"0":{VIEW},"1":{CLICK},"01":{VIEW}}}}}')

    def one(case, about, raw, **options):
        return Bento(f"numbered/{case}", about, f'{{"events":{raw}}}', options=options).accepted(
            seen(raw, cloudevent=True))

    about = "An event with numbers among its keys is one event, at whatever position they are."
    yield one("event_with_number_last", about, '{"type":"$view","email":"jo@example.com","0":{"type":"$click"}}')
    yield one("event_with_number_first", about, '{"0":{"type":"$click","email":"a@b.co"},"type":"$view",'
              '"email":"jo@example.com"}')
    about = "A value under a number in an event is not read, so its faults do not count."
    yield one("event_with_bad_number", about, '{"0":{"type":5},"0":null,"type":"$view","email":"jo@example.com"}')
    about = "The members of one event are not events: max_events does not count them."
    yield one("event_of_many_members", about, '{"type":"$view","email":"jo@example.com","a":1,"b":2,"c":3}',
              max_events=1)
    yield one("event_with_numbers_and_max_events", about,
              '{"0":{"a":1},"1":{"a":1},"type":"$view","email":"jo@example.com"}', max_events=1)
    for container, kind, raw in (("subscribers", "subscriber.updated", '{"0":{"email":"jo@example.com"}}'),
                                 ("emails", "email.requested", '{"0":{"to":"jo@example.com"}}')):
        about = f"Numbers make a list only under `events`: here they are one element of {container}."
        yield Bento(f"numbered/under_{container}", about, f'{{"{container}":{raw}}}').accepted(
            event(kind, container, NOBODY, raw, cloudevent=True))
    yield Bento("numbered/under_command", "Numbers under `command` make no list.",
                '{"command":‸{"0":{"command":"add_tag"}}}').refused("malformed_payload", "/command/command")
    yield Bento("numbered/in_a_list", "Numbers in an object of the list of `events` make no list.",
                f'{{"events":[‸{{"0":{VIEW}}}]}}').refused("malformed_payload", "/events/0/type")

"""Every vendor: what an event must survive when it is written as JSON, by `to_json` and as a CloudEvent.

The `written_checksum` of a vector covers the lines. These vectors have what a writer could get wrong: white space
between tokens and in strings, escapes, halves of surrogate pairs, numbers, and names that mean something to JavaScript.
"""

from .bento_events import tracked
from .vector import Benji, Bento, Benti, event, listed

TICKET = ("ticket", "P-1")


def vectors():
    yield from white_space()
    yield from strings()
    yield from numbers()
    yield from names()
    yield from ids()


def workflow(case, about, body, **options):
    """A workflow webhook of Bento, in which nothing is read."""
    expected = event("workflow.other", "workflow", ("workflow", None))
    return Bento(f"written/{case}", about, body, options=options).accepted(expected)


def white_space():
    about = "A sender that pretty-prints sends line breaks: the event is written on one line, and `raw` has them."
    body = '{\n  "event" : "transaction_created",\r\n\t"entity": 3,\n  "entity_id": 243\n}'
    yield Benji("written/pretty", about, body).accepted(
        "transaction.created", "transaction_created", ("transaction", "243"))
    one = '{\n    "item": "ticket",\n    "action": "add",\n    "id": 7,\n    "tags": [ ]\n  }'
    other = '{ "action" : "close-ticket" , "body" : { "ticket_id" : "P-1" , "note" : "a  b\\n" } }'
    yield Benti("written/pretty", about, f"[\n  {one},\n  {other}\n]\n").accepted(
        event("ticket.created", "ticket.add", ("ticket", "7"), one),
        event("ticket.closed", "close-ticket", TICKET, other),
    )
    first = '{\r\n  "type" : "$view",\r\n  "email" : "jo@example.com",\r\n  "details" : { "a b" : [ 1 , 2 ] }\r\n}'
    second = tracked("$click")
    yield Bento("written/pretty", about, f'{{ "events" : [ {first} , {second} ] }}').accepted(
        event("subscriber.tracked", "$view", ("subscriber", "jo@example.com"), first),
        event("subscriber.tracked", "$click", ("subscriber", "jo@example.com"), second),
    )
    about = "White space in strings and in names stays."
    yield workflow("spaces_in_strings", about, '{ " a " : "  b  c  " , "d\\t" : [ "\\n" , " \\" : , " ] }')
    about = "A string may end in a backslash or in a quote, also where a chunk of 64 bytes ends."
    for length in (*range(58, 65), 126):
        text = "x" * length
        yield workflow(f"escapes_{length}", about, f'{{"{text}\\\\" : "\\" \\\\" , "a" : "\\\\\\" " }}')
    yield workflow("blank", "An object without members may hold white space.", "{ \n }")


def strings():
    about = "Half of a surrogate pair in a field that is not read stays as its escape."
    yield workflow("half_surrogates", about,
                   '{"a":"\\ud800","\\udfff":["\\uDBFF x","\\ud83d\\ude00"], "b" : "\\ude00\\ud83d"}')
    body = '{"event":"campaign_ended","entity_id":7, "note" : "\\udc00" }'
    yield Benji("written/half_surrogate", about, body).accepted(
        "campaign.ended", "campaign_ended", ("campaign", "7"))
    body = '{"action":"close-ticket","body":{"ticket_id":"P-1"}, "note":"\\ud800 "}'
    yield Benti("written/half_surrogate", about, body).accepted(event("ticket.closed", "close-ticket", TICKET))
    about = "Line separators that JSON allows in strings stay as they were sent, raw or escaped."
    yield workflow("separators", about, '{ "a" : "\u2028\u2029\u0085\u007f\ufeff" , "b":"\\u2028\\u0000\\u001f\\/" }')


def numbers():
    about = "Numbers stay as they were written, whether or not a float holds them."
    floats = "1.50, 0.1, -0.0, 1E5, 1e+05, 123456789.125, 5e-324, 1.7976931348623157e308, 100.000e-2"
    yield workflow("floats", about, f'{{"a" : [ {floats} ]}}')
    others = ("9007199254740993.0, 1e400, -1e400, 1e-400, 4e-324, 0.1000000000000000055511151231257827, "
              "0e999999999999, 1e999999999999999999, 1e9999999999999999999, 0.0e9999999999999999999, "
              "-1e-9999999999999999999, 12345678901234567.5, 1.7976931348623159e308")
    yield workflow("no_floats", about, f'{{"a" : [ {others} ]}}')
    integers = "0, -0, 9007199254740991, 9007199254740993, -9007199254740993, 18446744073709551616"
    yield workflow("integers", about, f'{{"a" : [ {integers} ]}}')
    digits = "1234567890" * 100
    about = "A number may have 1,000 characters."
    longest = (digits, f"-{digits[:999]}", f"0.{digits[:998]}", f"{digits[:500]}.{digits[:499]}", f"1e{digits[:998]}",
               f"1.{'0' * 998}", f"1{'0' * 994}e-994", f"0.{'0' * 990}1e991")
    for case, number in enumerate(longest):
        yield workflow(f"longest_{case}", about, f'{{ "a" : {number} }}')
    about = "With a greater `max_number_length` a number may be longer."
    yield workflow("longer_number", about, f'{{ "a" : {digits}.{digits} }}', max_number_length=3_000)


def names():
    about = "A name such as `__proto__` is a name like any other."
    yield workflow("prototypes", about,
                   '{"__proto__":{"polluted": true},"constructor":{"prototype":1},"a":{"__proto__":null}}')
    body = '{"event":"campaign_ended","entity_id":7,"__proto__":{"id":"x"}, "toJSON":1}'
    yield Benji("written/prototypes", about, body).accepted(
        "campaign.ended", "campaign_ended", ("campaign", "7"))
    about = "A name that is repeated is written again each time."
    yield workflow("repeated", about, '{ "a" : 1 , "a" : 2 , "data" : 3 }')
    about = "The names of an event's own members may be in its data."
    yield workflow("own_names", about, '{ "id" : 1 , "data" : { "data" : 2 } , "time" : "x" }')


def ids():
    about = "A control character in an id is escaped as JSON demands, and percent-encoded in what is logged."
    identifier = '1\\u0000\\n\\t\\"\\\\\\u001f\\u007f\\u2028'
    body = f'{{"event":"campaign_ended\\u0000\\n","entity":2,"entity_id":"{identifier}"}}'
    yield Benji("written/control_characters", about, body).accepted(
        "campaign.other", "campaign_ended\0\n", ("campaign", "1\0\n\t\"\\\x1f\x7f\u2028"))
    raw = ('{"id":"e\\u0000\\r\\n#%","action":"answer","resource":"P\\b\\f\\u0085","note":"\\u0001",'
           '"created_at":"20260304050607"}')
    yield Benti("written/control_characters", about, f"[{raw},7]").accepted(
        event("ticket.answered", "answer", ("ticket", "P\b\f\x85"), raw, id="e\0\r\n#%",
              time="2026-03-04T05:06:07Z", zone_assumed=True),
        malformed=[(1, "/1")])
    raw = '{"type":"$vi\\u0000ew","email":"jo\\n\\u0000@example.com"}'
    yield Bento("written/control_characters", about, listed("events", raw)).accepted(
        event("subscriber.tracked", "$vi\0ew", ("subscriber", "jo\n\0@example.com"), raw))

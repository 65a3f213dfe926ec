"""Strict JSON: the texts for which the whole body is refused, with line and column, for each vendor.

The byte at fault is the first one with which the bytes so far can no longer begin a JSON text.
"""

from .vector import FAULT, Benji, Benti, Bento, event, listed

MARK = FAULT.encode()


def vectors():
    yield from of_benji()
    yield from of_benti()
    yield from of_bento()


def of_benji():
    refused = Benji.refusing("json")

    yield refused("empty", "An empty body is not JSON; the position is one past its end.", "‸", "")
    yield refused("only_white_space", "White space is not JSON; the end lies on the second line.", " \r\n\t‸", "")
    yield refused("byte_order_mark", "A byte order mark is refused.", '‸\ufeff{"event":"e"}', "")
    yield refused("second_object", "One value is a body; a second one is refused.", '{"event":"e"}\n‸{"event":"f"}', "")
    yield refused("trailing_letter", "Text after the value is refused.", '{"event":"e"} ‸x', "")
    yield refused("trailing_bracket", "A bracket too many is refused.", '{"event":"e"}‸}', "")
    yield refused("trailing_zero_byte", "A zero byte after the value is refused.", '{"event":"e"}‸\0', "")
    yield refused("form_encoded", "A form is not JSON.", "‸event=transaction_created&entity_id=7", "")
    yield refused("xml", "XML is not JSON.", "‸<event>transaction_created</event>", "")
    yield refused("form_feed", "A form feed is not white space in JSON.", '‸\f{"event":"e"}', "")
    yield refused("no_break_space", "A no-break space is not white space in JSON.", '‸\u00a0{"event":"e"}', "")

    yield refused("truncated_object", "An object that does not end.", '{"event":"e"‸')
    yield refused("truncated_after_comma", "An object that ends in its comma.", '{"event":"e",‸')
    yield refused("truncated_after_colon", "An object that ends in its colon.", '{"event":‸')
    yield refused("truncated_text", "A text that does not end.", '{"event":"transaction_crea‸')
    yield refused("truncated_escape", "An escape that does not end.", '{"event":"a\\u00‸')
    yield refused("truncated_literal", "A literal that does not end.", '{"event":"e","x":tru‸')
    about = "An object cut after a line feed: the end is the first column of the next line."
    yield refused("truncated_after_line_feed", about, '{"event":"e",\n‸')

    within = lambda value: f'{{"event":"e","x":{value}}}'
    yield refused("trailing_comma_in_object", "A trailing comma in an object.", '{"event":"e",‸}')
    yield refused("trailing_comma_in_list", "A trailing comma in a list.", within("[1,‸]"))
    yield refused("leading_comma", "A leading comma.", '{‸,"event":"e"}')
    yield refused("two_commas", "Two commas in a row.", '{"event":"e",‸,"x":1}')
    yield refused("missing_comma", "Two members without a comma.", '{"event":"e" ‸"x":1}')
    yield refused("missing_colon", "A member without its colon.", '{"event" ‸"e"}')
    yield refused("missing_value", "A member without its value.", '{"event":‸}')
    yield refused("number_as_key", "A key that is a number.", '{‸1:"e"}')
    yield refused("unquoted_key", "A key without quotes.", '{‸event:"e"}')
    yield refused("single_quotes", "Single quotes.", "{‸'event':'e'}")
    yield refused("line_comment", "A comment to the end of the line.", '{"event":"e", ‸// note\n"x":1}')
    yield refused("block_comment", "A comment in the middle.", '{"event":‸/* name */"e"}')
    yield refused("mismatched_bracket", "A list closed by a brace.", within("[1‸}"))

    yield refused("nan", "NaN is not a number in JSON.", within("‸NaN"))
    yield refused("infinity", "Infinity is not a number in JSON.", within("‸Infinity"))
    yield refused("minus_infinity", "`-Infinity` is not a number in JSON.", within("-‸Infinity"))
    yield refused("plus_sign", "A number has no plus sign.", within("‸+1"))
    yield refused("leading_zero", "A number has no leading zero.", within("0‸1"))
    yield refused("leading_zero_after_minus", "A number has no leading zero after its minus sign.", within("-0‸1"))
    yield refused("leading_point", "A number does not begin with its point.", within("‸.5"))
    yield refused("trailing_point", "A number does not end with its point.", within("1.‸"))
    yield refused("empty_exponent", "An exponent has digits.", within("1e‸"))
    yield refused("signed_empty_exponent", "An exponent's sign is not all of it.", within("1E+‸"))
    yield refused("minus_alone", "A minus sign alone is not a number.", within("-‸"))
    yield refused("hexadecimal", "A number is decimal.", within("0‸x1F"))
    yield refused("upper_case_literal", "Literals are lower-case.", within("‸True"))
    yield refused("misspelled_literal", "`nul` is not null.", within("nul‸"))
    yield refused("literal_with_tail", "`nulll` is not null.", within("null‸l"))

    yield refused("line_feed_in_text", "A line feed in a text must be escaped.", '{"event":"a‸\nb"}')
    yield refused("tab_in_text", "A tab in a text must be escaped.", '{"event":"a‸\tb"}')
    yield refused("zero_byte_in_text", "A zero byte in a text is refused.", '{"event":"a‸\0b"}')
    yield refused("control_character_in_key", "A control character in a key is refused.", '{"event":"e","a‸\x1fb":1}')
    yield refused("unknown_escape", "`\\x` is not an escape.", '{"event":"a\\‸x41"}')
    yield refused("upper_case_escape", "`\\U` is not an escape.", '{"event":"a\\‸U0041"}')
    yield refused("foreign_digit_in_escape", "An escape has four hex digits.", '{"event":"a\\u00‸g1"}')
    about = "Columns count bytes, and only a line feed ends a line: `ö€🍱` is nine bytes wide and `\\r` ends no line."
    yield refused("column_in_bytes", about, '\r\n{"event":"ö€🍱",\r ‸}')

    yield refused("utf8_lone_continuation", "A single continuation byte is not UTF-8.",
                  b'{"event":"a' + MARK + b'\x80b"}')
    yield refused("utf8_overlong", "An overlong form is not UTF-8.", b'{"event":"a' + MARK + b'\xc0\xafb"}')
    yield refused("utf8_encoded_surrogate", "An encoded surrogate is not UTF-8.",
                  b'{"event":"a' + MARK + b'\xed\xa0\x80b"}')
    yield refused("utf8_beyond_unicode", "A code point above U+10FFFF is not UTF-8.",
                  b'{"event":"a' + MARK + b'\xf4\x90\x80\x80"}')
    yield refused("utf8_cut_character", "A character that the quote cuts is not UTF-8.",
                  b'{"event":"e","x":"' + MARK + b'\xf0\x9f\x8d"}')
    yield refused("utf8_in_unread_key", "Invalid UTF-8 is refused where nothing is read, too.",
                  b'{"event":"e","\xc3\xb6' + MARK + b'\xff":1}')
    yield refused("latin1", "Text in ISO-8859-1 is not UTF-8.", b'{"event":"' + MARK + b'\xfcberweisung"}')
    yield refused("utf16", "UTF-16 is not read.", MARK + b"\xff\xfe" + '{"event":"e"}'.encode("utf-16-le"))


def of_benti():
    refused = Benti.refusing("json")

    good = '{"id":1,"item":"ticket","action":"add"}'
    yield refused("empty", "An empty POST is refused.", "‸", "")
    sample = """{
   ‸'id': 200, // id of the reply
   'item': 'reply',
   'action': 'add',
   'timestamp': 1660834225,
   'actor': 4014,
   'parent': 100,
}
"""
    about = "The vendor's sample in single quotes is documentation, not JSON."
    yield refused("vendor_sample_of_the_api", about, sample)
    sample = """{
    "events": [
        {
           "id": "MDAwMDAwMOSfti9quwKNOg==",
           "action": "create-ticket",
           "created_at": "20170905091635",
           "project": "project_name",
           "body": {
               "ticket_id": "PROJECTNAME-00110063",
           ‸}
       }
   ]
}
"""
    about = "The vendor's sample with a trailing comma is documentation, not JSON."
    yield refused("vendor_sample_of_the_instance", about, sample)
    about = "A broken element refuses the whole delivery: nothing after the fault can be trusted to be an element."
    yield refused("broken_second_element", about, f'[{good},{{"id":2,"item":"ticket",‸}}]')
    yield refused("list_not_closed", "A list that does not end is refused with its good elements.", f"[{good}‸")
    yield refused("trailing_comma_in_list", "A trailing comma in the list.", f"[{good},‸]")
    yield refused("trailing_text", "Text after the list is refused.", f"[{good}]‸;", "")
    yield refused("objects_one_a_line", "Objects, one on each line, are several values and so not JSON.",
                  f"{good}\n‸{good}", "")
    about = "Invalid UTF-8 in an element's unread field refuses the whole delivery."
    yield refused("invalid_utf8", about, b'[{"id":1,"item":"ticket","action":"add","note":"' + MARK + b'\xe9"}]')
    about = "An element too deep refuses the whole delivery; the list and the element count."
    yield Benti("json/too_deep", about, f'[{good},{{"x":[‸[]]}}]',
                options={"max_depth": 3}).refused("malformed_payload")
    deep = lambda inner: '{"id":1,"item":"ticket","action":"add","x":' + "[" * 125 + inner + "]" * 125 + "}"
    about = "127 open containers, the list and the element among them, are allowed."
    expected = event("ticket.created", "ticket.add", ("ticket", "1"), deep(""))
    yield Benti("json/depth_127", about, f"[{deep('')}]").accepted(expected)
    yield refused("depth_128", "128 open containers are refused.", f"[{deep('‸[]')}]")


def of_bento():
    refused = Bento.refusing("json")

    yield refused("empty", "An empty body is refused.", "‸", "")
    about = "A workflow template that was filled in without escaping is not JSON."
    yield refused("template_unescaped_quote", about, '{"event":"cart","name":"Jo "‸JJ" Doe"}')
    about = "A template that was filled in with a line feed is not JSON."
    yield refused("template_raw_line_feed", about, '{"event":"note","text":"one‸\ntwo"}')
    about = "A template in which an unquoted value was empty is not JSON."
    yield refused("template_empty_value", about, '{"event":"cart","total":‸,"email":"a@b.co"}')
    yield refused("template_left_unfilled", "A template that was not filled in is not JSON.",
                  '{"event":{‸{ event.type }}}')
    good = '{"type":"$view","email":"a@b.co"}'
    yield refused("trailing_comma_in_events", "A trailing comma in the events.", f'{{"events":[{good},‸]}}')
    about = "A batch cut in the middle is refused with its good events."
    yield refused("truncated", about, f'{{"events":[{good},{{"type":"$vi‸')
    yield refused("trailing_text", "Text after the object is refused.", '{"events":[]}‸]', "")
    yield refused("byte_order_mark", "A byte order mark is refused.", '‸\ufeff{"events":[]}', "")
    about = "Invalid UTF-8 in a field that is not read refuses the whole batch."
    yield refused("invalid_utf8", about,
                  b'{"events":[{"type":"$view","email":"a@b.co","fields":{"n":"Jos' + MARK + b'\xe9"}}]}')
    about = "Details too deep refuse the whole batch."
    deep = '{"type":"$view","email":"a@b.co","details":{"a":{"b":‸{}}}}'
    yield Bento("json/too_deep", about, listed("events", deep), options={"max_depth": 5}).refused("malformed_payload")

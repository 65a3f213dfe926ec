"""Benji: event names, entity types and ids; and strict JSON with its full set of faults."""

from .vector import FAULT, Benji, SignedTime


def vectors():
    yield from known_events()
    yield from entities()
    yield from entity_ids()
    yield from keys_of_the_object()
    yield from texts()
    yield from sources_and_cloudevents()
    yield from wrong_shapes()
    yield from wrong_events()
    yield from wrong_entities()
    yield from wrong_ids()
    yield from repeated_keys_and_surrogates()
    yield from limits()


def body(event, **fields):
    """A Benji body from JSON texts: `body('"e"', entity_type="3")`."""
    return "{" + ",".join([f'"event":{event}', *(f'"{name}":{value}' for name, value in fields.items())]) + "}"


UUID = "0197a1c2-7d3e-7b4f-8a5b-6c7d8e9fa0b1"  # the form of ids in today's documents


def known_events():
    def known(name, kind, number, identifier):
        subject = (kind.split(".")[0], identifier.strip('"'))
        about = f"`{name}` with its entity type is {kind}."
        text = body(f'"{name}"', entity_type=number, entity_id=identifier)
        yield Benji(f"event/{name}", about, text).accepted(kind, name, subject, cloudevent=True)
        about = f"`{name}` without an entity type names its entity itself."
        text = body(f'"{name}"', entity_id=identifier)
        yield Benji(f"event/{name}_alone", about, text).accepted(kind, name, subject)

    for name, kind, number in (
        ("user_partner_connected", "user.connected", "1"),
        ("transaction_created", "transaction.created", "3"),
        ("transaction_authenticated", "transaction.authenticated", "3"),
        ("transaction_status_updated", "transaction.updated", "3"),
        ("reward_transaction_updated", "transaction.updated", "3"),
    ):
        yield from known(name, kind, number, "243")
    for name, kind, number in (
        ("user_partner_authentication_created", "user.connected", "1"),
        ("campaign_updated", "campaign.updated", "2"),
        ("campaign_activated", "campaign.activated", "2"),
        ("campaign_ended", "campaign.ended", "2"),
        ("reward_transaction_update", "transaction.updated", "3"),
    ):
        yield from known(name, kind, number, f'"{UUID}"')
        about = f"`{name}` in a request whose date is signed is the same event."
        text = body(f'"{name}"', entity_type=number, entity_id=f'"{UUID}"')
        yield SignedTime(f"event/{name}_signed_time", about, text).accepted(
            kind, name, (kind.split(".")[0], UUID), cloudevent=True)

    def unknown(case, about, name, kind, **fields):
        text = body(f'"{name}"', **fields, entity_id="7")
        return Benji(f"event/{case}", about, text).accepted(kind, name, (kind.split(".")[0], "7"), cloudevent=True)

    about = "An unknown event of a known entity type is other, with the vendor's word as its name."
    yield unknown("unknown_of_user", about, "user_partner_disconnected", "user.other", entity_type="1")
    yield unknown("unknown_of_campaign", about, "campaign_paused", "campaign.other", entity_type="2")
    yield unknown("unknown_of_transaction", about, "transaction_reversed", "transaction.other", entity_type="3")
    about = "A campaign event with an integer id; a UUID is what today's documents show."
    yield Benji("event/campaign_updated_with_integer_id", about,
                body('"campaign_updated"', entity_type="2", entity_id="7")).accepted(
        "campaign.updated", "campaign_updated", ("campaign", "7"), cloudevent=True)
    yield unknown("unknown_alone", "An unknown event without an entity type is other.other.", "test", "other.other")
    about = "The name's beginning decides nothing: an unknown name without an entity type is other.other."
    yield unknown("unknown_alone_that_begins_alike", about, "transaction_reversed", "other.other")
    yield unknown("unknown_campaign_alone", about, "campaign_paused", "other.other")
    yield unknown("updated_of_transaction", "The vendor does not document the name `transaction_updated`.",
                  "transaction_updated", "transaction.other", entity_type="3")
    yield unknown("campaign_in_other_case", "Event names are case-sensitive.", "Campaign_Ended", "campaign.other",
                  entity_type="2")
    yield unknown("authentication_without_created", "The beginning of a known name is not that name.",
                  "user_partner_authentication", "other.other")
    about = "Event names are case-sensitive."
    yield unknown("other_case", about, "Transaction_Created", "transaction.other", entity_type="3")
    about = "White space in an event name belongs to it."
    yield unknown("white_space_kept", about, " transaction_created", "transaction.other", entity_type="3")


def entities():
    def known(case, about, kind, name="transaction_created", **fields):
        text = body(f'"{name}"', **fields, entity_id="7")
        return Benji(f"entity/{case}", about, text).accepted(kind, name, (kind.split(".")[0], "7"))

    yield known("contradicts_user", "A transaction event of entity type 1 is of the user, and other.", "user.other",
                entity_type="1")
    yield known("contradicts_campaign", "A user event of entity type 2 is of the campaign, and other.",
                "campaign.other", "user_partner_connected", entity_type="2")
    yield known("contradicts_transaction", "A user event of entity type 3 is of the transaction, and other.",
                "transaction.other", "user_partner_connected", entity_type="3")
    for case, name, number, kind in (
        ("campaign_of_user", "campaign_ended", "1", "user.other"),
        ("campaign_of_transaction", "campaign_activated", "3", "transaction.other"),
        ("authentication_of_campaign", "user_partner_authentication_created", "2", "campaign.other"),
        ("authentication_of_transaction", "user_partner_authentication_created", "3", "transaction.other"),
        ("reward_of_user", "reward_transaction_update", "1", "user.other"),
        ("campaign_of_unknown", "campaign_updated", "9", "other.other"),
    ):
        about = f"`{name}` of entity type {number} contradicts it: {kind}."
        yield known(case, about, kind, name, entity_type=number)
    about = "An unknown entity type is other, also with a known event."
    yield known("unknown_number", about, "other.other", entity_type="9")
    yield known("unknown_number_and_event", "An unknown event with an unknown entity type is other.other.",
                "other.other", "voucher_issued",
                entity_type="4")
    yield known("zero", "Entity type 0 is unknown, not absent.", "other.other", entity_type="0")
    yield known("negative", "A negative entity type is an unknown one.", "other.other", entity_type="-3")
    about = "An entity type beyond any machine integer is an unknown one."
    yield known("huge", about, "other.other", entity_type="3" + "0" * 40)
    yield known("as_text", "The integer may be given as text.", "transaction.created", entity_type='"3"')
    yield known("under_entity", "The sample's `entity` means `entity_type`.", "transaction.created", entity="3")
    yield known("under_entity_as_text", "The sample's `entity` may be text too.", "transaction.created", entity='"3"')
    yield known("both_equal", "The same number under both keys is not a contradiction.", "transaction.created",
                entity="3",
                entity_type="3")
    about = "3 and \"3\" are the same entity type."
    yield known("both_equal_number_and_text", about, "transaction.created", entity_type="3", entity='"3"')
    yield known("null", "A null entity type counts as absent.", "transaction.created", entity_type="null")
    yield known("null_beside_entity", "If entity_type is null, entity decides.", "transaction.created",
                entity_type="null", entity="3")
    yield known("both_null", "If both are null, both count as absent.", "transaction.created", entity="null",
                entity_type="null")


def entity_ids():
    def kept(case, about, value, identifier, cloudevent=True):
        text = body('"transaction_created"', entity_type="3", entity_id=value)
        return Benji(f"entity_id/{case}", about, text).accepted(
            "transaction.created", "transaction_created", ("transaction", identifier), cloudevent=cloudevent)

    yield kept("integer", "An integer id is kept as its decimal text.", "1234567", "1234567")
    yield kept("zero", "Zero is an id.", "0", "0")
    yield kept("negative", "A negative id is kept.", "-5", "-5")
    yield kept("beyond_2_53", "An id that a double cannot hold is kept exactly.", "9007199254740993",
               "9007199254740993", False)
    yield kept("beyond_2_64", "An id of any size is kept exactly.", "18446744073709551616", "18446744073709551616",
               False)
    yield kept("a_hundred_digits", "An id of a hundred digits is kept exactly.", "1" * 100, "1" * 100, False)
    yield kept("text", "A text id is kept.", '"tx-243"', "tx-243")
    yield kept("text_leading_zeros", "A text id is not read as a number: its leading zeros stay.", '"00243"', "00243")
    yield kept("text_minus_zero", "`-0` as text is a text.", '"-0"', "-0")
    about = "White space in a text id stays; in the CloudEvent's subject it is percent-encoded."
    yield kept("text_white_space", about, '" 24 3\\t"', " 24 3\t")
    about = "Control characters and white space beyond ASCII are percent-encoded in the CloudEvent's subject too."
    yield kept("text_unicode_white_space", about, '"a\\u0000\\u0085\\u00a0\\u2028b"', "a\0\u0085\u00a0\u2028b")
    about = "An id that would steer a terminal is kept as it is; what prints it has to escape it."
    hostile = '{\n  "event": "transaction_created",\r\n\t"entity_type": 3,\n  "entity_id": "\\u001b]0;t\\u0007\\n\u009b31m\u202e\u2028\x7fa"\n}'
    yield Benji("entity_id/text_that_steers_a_terminal", about, hostile).accepted(
        "transaction.created", "transaction_created", ("transaction", "\x1b]0;t\x07\n\u009b31m\u202e\u2028\x7fa"),
        cloudevent=True)
    about = "An id with an `@` may be an address: the CloudEvent has no subject."
    yield kept("text_with_at_sign", about, '"jo@example.com"', "jo@example.com")
    yield kept("text_escaped", "Escapes in an id are decoded.", '"\\u0032\\/3\\ud83e\\udde7"', "2/3🧧")
    yield kept("null", "A null id leaves the subject's id absent.", "null", None)
    yield kept("empty_text", "An empty id counts as absent.", '""', None)
    about = "An event without entity_id, such as a test webhook, is read, and its subject has no id."
    yield Benji("entity_id/absent", about, '{"event":"transaction_created","entity_type":3}').accepted(
        "transaction.created", "transaction_created", ("transaction", None), cloudevent=True)
    yield Benji("entity_id/event_alone", "Only `event` is required.", '{"event":"user_partner_connected"}').accepted(
        "user.connected", "user_partner_connected", ("user", None), cloudevent=True)


def keys_of_the_object():
    def read(case, about, text, kind="transaction.created", identifier="7", cloudevent=False):
        return Benji(f"keys_read/{case}", about, text).accepted(
            kind, "transaction_created", (kind.split(".")[0], identifier), cloudevent=cloudevent)

    yield read("any_order", "The keys may be in any order.",
               '{"entity_id":7,"entity_type":3,"event":"transaction_created"}')
    about = "Keys are case-sensitive: `Entity_ID` and `ENTITY_TYPE` are not read."
    yield read("case_sensitive", about, '{"event":"transaction_created","Entity_ID":8,"ENTITY_TYPE":1}',
               identifier=None)
    about = "Keys are compared after unescaping."
    yield read("escaped", about, '{"\\u0065vent":"transaction_created","entity\\u005Fid":7,"entity_type":3}')
    about = "Unknown keys of any shape are allowed."
    yield read("unknown", about,
               '{"event":"transaction_created","entity_id":7,"v":[1,{"a":null}],"x":{"event":1},"":-1.5e-3}',
               cloudevent=True)
    about = "A key that is not read may be repeated; the last one counts in the data."
    yield read("unknown_repeated", about, '{"event":"transaction_created","entity_id":7,"note":1,"note":2}',
               cloudevent=True)
    about = "The known keys of an inner object are not those of the event."
    yield read("inner_keys", about,
               '{"event":"transaction_created","entity_id":7,"data":{"event":"a","event":"b","entity_id":true}}')
    about = "White space between the tokens is free; it is signed, and belongs to neither end of the event's bytes."
    yield read("white_space", about, ' \r\n{\t"event" : "transaction_created" ,\n "entity_id":\r7 } \n\t',
               cloudevent=True)
    about = "A lone surrogate in a field that is not read is let through."
    yield read("lone_surrogate_unread", about,
               '{"event":"transaction_created","entity_id":7,"note":"\\ud83e","\\udc00":1}')


def texts():
    def named(case, about, text, name, kind="other.other"):
        subject = (kind.split(".")[0], None)
        return Benji(f"text/{case}", about, body(text)).accepted(kind, name, subject, cloudevent=True)

    yield named("escaped_known_name", "A name is compared after unescaping.", '"transaction\\u005fcreated"',
                "transaction_created", "transaction.created")
    yield named("all_escapes",
                "All eight short escapes are decoded; the CloudEvent's type percent-encodes control characters.",
                '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t')
    yield named("surrogate_pair", "An escaped surrogate pair is one character.", '"bento \\ud83c\\udf71"', "bento 🍱")
    yield named("raw_beyond_ascii", "Non-ASCII characters may be unescaped.", '"überweisung_✓"',
                "überweisung_✓")
    yield named("escaped_zero", "U+0000 may be escaped.", '"a\\u0000b"', "a\0b")
    yield named("delete_character", "U+007F may be unescaped.", '"a\x7fb"', "a\x7fb")
    yield named("line_separator", "U+2028 may be unescaped.", '"a\u2028b"', "a\u2028b")
    yield named("replacement_character", "U+FFFD and noncharacters are characters like others.",
                '"\ufffd\uffff\U0010ffff"', "\ufffd\uffff\U0010ffff")


def sources_and_cloudevents():
    options = {"source": "https://example.com/hooks/benji"}
    about = "A configured source is in the event and in its CloudEvent, and is part of the event's id and keys."
    yield Benji("cloudevent/own_source", about, options=options).accepted(cloudevent=True)
    sample = '{\n    "event": "reward_transaction_updated",\n    "entity": 3,\n    "entity_id": 243\n}'
    about = "The vendor's sample as it is printed, and as a CloudEvent."
    yield Benji("cloudevent/sample", about, sample).accepted(cloudevent=True)
    about = "The event's time in a CloudEvent has milliseconds where there are some."
    yield Benji("cloudevent/milliseconds", about, date="2026-03-04T05:06:07.020Z").accepted(
        time="2026-03-04T05:06:07.020Z", cloudevent=True)
    about = "The same body with another date has another id and another replay key."
    yield Benji("cloudevent/same_body_later", about, date="2026-03-04T05:06:08Z").accepted(time="2026-03-04T05:06:08Z")


refused = Benji.refusing("payload")


def wrong_shapes():
    for case, value in (("list", '[{"event":"e"}]'), ("text", '"event"'), ("number", "243"), ("null", "null"),
                        ("true", "true")):
        yield refused(f"top_level_{case}", f"The body must be an object: {case} is refused.", FAULT + value, "")
    about = "White space before the value moves the position, not the fault."
    yield refused("top_level_list_after_white_space", about, f" \n\n  {FAULT}[]", "")


def wrong_events():
    yield refused("event_missing", "`event` is required; the position is that of the object.",
                  ' \n  ‸{"entity_type":3,"entity_id":243}', "/event")
    yield refused("event_of_empty_object", "An empty object lacks its event.", "‸{}", "/event")
    yield refused("event_in_other_case", "`Event` is not `event`.", '‸{"Event":"transaction_created"}', "/event")
    for case, value in (("null", "null"), ("number", "7"), ("true", "true"), ("empty", '""'),
                        ("list", '["transaction_created"]'), ("object", '{"name":"transaction_created"}')):
        yield refused(f"event_{case}", f"`event` is a non-empty text: {case} is refused.",
                      body("‸" + value, entity_id="7"), "/event")


def wrong_entities():
    for case, value in (
        ("word", '"transaction"'), ("fraction", "3.0"), ("exponent", "3e0"), ("true", "true"), ("empty_text", '""'),
        ("text_with_space", '" 3"'), ("text_leading_zero", '"03"'), ("text_plus", '"+3"'), ("text_fraction", '"3.0"'),
        ("text_minus_zero", '"-0"'), ("minus_zero", "-0"), ("object", "{}"), ("list", "[3]"),
    ):
        about = f"An entity type is an integer or its text: {case.replace('_', ' ')} is refused."
        yield refused(f"entity_type_{case}", about, body('"transaction_created"', entity_type="‸" + value),
                      "/entity_type")
    for case, value in (("word", '"transaction"'), ("fraction", "1.5"), ("false", "false")):
        about = f"`entity` is checked like `entity_type`: {case} is refused."
        yield refused(f"entity_{case}", about, body('"transaction_created"', entity="‸" + value), "/entity")
    about = "`entity` and `entity_type` mean the same; both and different is refused."
    yield refused("entities_differ", about, body('"transaction_created"', entity="3", entity_type="‸1"), "/entity_type")
    about = "The order of the two keys does not matter: the fault is at `entity_type`."
    yield refused("entities_differ_in_other_order", about, body('"transaction_created"', entity_type="‸3", entity="2"),
                  "/entity_type")
    about = "Two unknown types that differ are still a contradiction."
    yield refused("unknown_entities_differ", about, body('"transaction_created"', entity='"8"', entity_type="‸9"),
                  "/entity_type")


def wrong_ids():
    for case, value in (("fraction", "243.5"), ("whole_fraction", "243.0"), ("exponent", "2e3"), ("minus_zero", "-0"),
                        ("true", "true"), ("false", "false"), ("object", '{"id":243}'), ("list", "[243]")):
        about = f"An id is an integer or a text: {case.replace('_', ' ')} is refused."
        yield refused(f"entity_id_{case}", about, body('"transaction_created"', entity_id="‸" + value), "/entity_id")


def repeated_keys_and_surrogates():
    yield refused("event_repeated", "`event` twice is refused; the fault is at the second key.",
                  '{"event":"a",‸"event":"b"}',
                  "/event")
    yield refused("event_repeated_equal", "`event` twice is refused, even with equal values.",
                  '{"event":"a","x":1,‸"event":"a"}',
                  "/event")
    about = "A repeated key is also found if it is written with escapes."
    yield refused("entity_id_repeated_escaped", about, '{"event":"a","entity_id":1,‸"entity\\u005fid":1}', "/entity_id")
    yield refused("entity_type_repeated", "`entity_type` twice is refused, null or not.",
                  '{"event":"a","entity_type":null,‸"entity_type":3}', "/entity_type")
    yield refused("entity_repeated", "`entity` twice is refused.", '{"event":"a","entity":3,"entity_id":1,‸"entity":3}',
                  "/entity")
    about = "A lone surrogate in a field that is read is refused"
    yield refused("lone_high_surrogate", f"{about}: a high one.", body('‸"a\\ud83e"'), "/event")
    yield refused("lone_low_surrogate", f"{about}: a low one.", body('‸"\\udde7a"'), "/event")
    yield refused("swapped_surrogates", f"{about}: a pair in the wrong order is two lone ones.",
                  body('‸"\\udde7\\ud83e"'), "/event")
    yield refused("lone_surrogate_in_id", f"{about}: in an id.", body('"a"', entity_id='‸"\\ud800\\u0041"'),
                  "/entity_id")


def limits():
    def nested(lists):
        """An event with this number of nested lists. The object adds one container."""
        return body('"transaction_created"', deep="[" * lists + "]" * lists)

    def too_deep(lists, at):
        text = nested(lists)
        place = text.index("[") + at
        return text[:place] + FAULT + text[place:]

    def accepted(case, about, text, **options):
        return Benji(f"limits/{case}", about, text, options=options).accepted(
            "transaction.created", "transaction_created", ("transaction", None))

    def rejected(case, about, text, path=None, **options):
        return Benji(f"limits/{case}", about, text, options=options).refused("malformed_payload", path)

    yield accepted("depth_127", "127 open containers are allowed.", nested(126))
    yield rejected("depth_128", "The 128th open container is one too many.", too_deep(127, 126))
    yield accepted("depth_own_limit", "`max_depth` counts the object itself.", nested(2), max_depth=3)
    yield rejected("depth_own_limit_exceeded", "One container over max_depth.", too_deep(3, 2), max_depth=3)
    about = "Containers that are closed again do not count: 300 side by side."
    yield accepted("depth_side_by_side", about,
                   body('"transaction_created"', wide="[" + ",".join(["[[]]"] * 300) + "]"), max_depth=4)
    long = lambda digits, mark="": body('"transaction_created"', n=mark + "7" * digits)
    yield accepted("number_1000_characters", "A number of 1,000 characters is allowed.", long(1000))
    yield rejected("number_1001_characters", "A number of 1,001 characters is refused, read or not.", long(1001, FAULT),
                   "")
    identified = lambda digits, mark="": body('"transaction_created"', entity_id=mark + "7" * digits)
    about = "A number over the limit in a field that is read names the field."
    yield rejected("number_1001_characters_as_id", about, identified(1001, FAULT), "/entity_id")
    yield accepted("number_own_limit", "Sign, point and exponent count: `-1.5e+30` has 8 characters.",
                   body('"transaction_created"', n="-1.5e+30"), max_number_length=8)
    yield rejected("number_own_limit_exceeded", "`-1.5e+301` has 9 characters.",
                   body('"transaction_created"', n="‸-1.5e+301"), "", max_number_length=8)
    yield accepted("number_beyond_double", "A number that no double can hold is still JSON.",
                   body('"transaction_created"', n="[1e400,-0.0,1E-999,18446744073709551616]"))

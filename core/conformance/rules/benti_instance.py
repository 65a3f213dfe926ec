"""Benti's instance family: its actions, created_at, ids and blocks."""

from .vector import Benti, event

REQUEST_ID = "MDAwMDAwMOSfti9quwKNOg=="
TICKET_ID = "PROJECTNAME-00110063"
TIME = "2017-09-05T09:16:35Z"  # 20170905091635, read as UTC


def vectors():
    yield from actions()
    yield from unknown_actions()
    yield from shapes()
    yield from created_at()
    yield from created_at_refused()
    yield from event_ids()
    yield from subjects_and_parents()
    yield from actors()
    yield from blocks()
    yield from malformed_elements()


def element(action="close-ticket", created_at='"20170905091635"', identifier=f'"{REQUEST_ID}"', **more):
    """An element of the instance family, from JSON texts. By default its body has the ticket."""
    fields = {"id": identifier, "action": f'"{action}"', "created_at": created_at, "project": '"project_name"'}
    fields |= {"body": f'{{"ticket_id":"{TICKET_ID}"}}'} | more
    return "{" + ",".join(f'"{name}":{value}' for name, value in fields.items() if value is not None) + "}"


def seen(raw, action="close-ticket", kind="ticket.closed", ticket=TICKET_ID, time=TIME, **fields):
    fields = {"id": REQUEST_ID, "zone_assumed": True} | fields
    if fields["id"] is None:
        del fields["id"]
    return event(kind, action, ("ticket", ticket), raw, time=time, **fields)


def delivered(name, about, raw, *, options=None, cloudevent=False, **expected):
    expected = seen(raw, cloudevent=cloudevent, **expected)
    return Benti(name, about, f'{{"events":[{raw}]}}', options=options).accepted(expected)


def actions():
    def sample(case, about, raw, action, kind, **expected):
        return delivered(f"instance/{case}", about, raw, action=action, kind=kind, cloudevent=True, **expected)

    answer = element("answer", body=None, project='{"name":"instance_name"}', resource=f'"{TICKET_ID}"',
                     type='"ticket"', user='{"name":"name","identifier":"email@email.com"}',
                     action_data='{"text":"text","to":[{"email":"to@email.com","name":"name"}],"cc":null,"bcc":null}',
                     resource_data='{"creator":{"name":"name","identifier":"creator@email.com"},'
                                   '"queue":{"id":1,"name":"queue_name"},"source":{"id":1,"name":"source_name"}}',
                     attachments='[{"id":"123","url":"image_url","name":"Image name.png","type":"image\\/png"}]')
    yield sample("answer", "In an answer `resource` holds the ticket, and `user.identifier` the agent.", answer,
                 "answer", "ticket.answered", actor=("user", "email@email.com"))
    yield sample("create_ticket", "A created ticket.", element("create-ticket"), "create-ticket", "ticket.created")
    subticket = f'{{"ticket_id":"PROJECTNAME-00110064","parentId":"{TICKET_ID}"}}'
    about = "The vendor's subticket sample has the action create-ticket: the parent shows that it is a subticket."
    yield sample("create_subticket_as_sampled", about, element("create-ticket", body=subticket), "create-ticket",
                 "ticket.created", ticket="PROJECTNAME-00110064", parent=("ticket", TICKET_ID))
    about = "The documented action create-subticket is ticket.created with a parent."
    yield sample("create_subticket", about, element("create-subticket", body=subticket), "create-subticket",
                 "ticket.created", ticket="PROJECTNAME-00110064", parent=("ticket", TICKET_ID))
    moved = f'{{"ticket_id":"{TICKET_ID}","previous_queue":1,"new_queue":2}}'
    yield sample("change_queue", "A ticket moved to another queue.", element("change-queue", body=moved),
                 "change-queue", "ticket.moved")
    classified = f'{{"ticket_id":"{TICKET_ID}","previous_classification":"","new_classification":"3,6,10,32"}}'
    yield sample("classify_ticket", "A ticket classified for the first time.",
                 element("classify-ticket", body=classified), "classify-ticket", "ticket.classified")
    replied = (f'{{"ticket_id":"{TICKET_ID}","message":{{"content":"\\tHTML text\\n<\\/p>","from":{{"id":15789,'
               '"name":"Agent\\u00a0Name","address":"username@example.com","external_id":null,"is_agent":true},'
               '"attachments":[{"id":"641","url":"image_url","name":"Image name.png","type":"image\\/png"}]}}')
    yield sample("reply_ticket", "A reply: its sender is the actor.", element("reply-ticket", body=replied),
                 "reply-ticket", "ticket.replied", actor=("user", "15789"))
    about = "`is_agent` as text is accepted."
    yield delivered("instance/reply_ticket_is_agent_as_text", about,
                    element("reply-ticket", body=replied.replace("true", '"false"')),
                    action="reply-ticket", kind="ticket.replied", actor=("user", "15789"))
    closed = f'{{"ticket_id":"{TICKET_ID}","status":3}}'
    yield sample("close_ticket", "A closed ticket.", element("close-ticket", body=closed), "close-ticket",
                 "ticket.closed")
    for action, kind in (("answer", "ticket.answered"), ("classify-ticket", "ticket.classified"),
                         ("change-queue", "ticket.moved")):
        about = f"`{action}` with nothing but its ticket."
        raw = element(action)
        yield delivered(f"instance/{action.replace('-', '_')}_bare", about, raw, action=action, kind=kind)
    about = "A subticket without a named parent has no parent."
    yield delivered("instance/create_subticket_without_parent", about, element("create-subticket"),
                    action="create-subticket", kind="ticket.created")


def unknown_actions():
    def unknown(case, about, action="unknown-action", ticket=TICKET_ID, **fields):
        raw = element(action, **fields)
        return delivered(f"instance_unknown/{case}", about, raw, action=action, kind="ticket.other", ticket=ticket,
                         cloudevent=True)

    yield unknown("ticket_in_body", "An unknown action takes its ticket from the body.")
    yield unknown("ticket_in_resource", "An unknown action takes its ticket from `resource`.", resource='"P-1"',
                  ticket="P-1")
    yield unknown("no_ticket", "An unknown action may have no ticket at all.", body=None, ticket=None)
    about = "An unknown action may use `resource` for something else: then it counts as absent."
    yield unknown("resource_of_another_shape", about, resource='{"kind":"queue"}')
    about = "An unknown action may use `ticket_id` for something else: then it counts as absent."
    yield unknown("ticket_id_of_another_shape", about, body='{"ticket_id":[1,2]}', ticket=None)
    yield unknown("action_case", "Actions are case-sensitive.", "Close-Ticket")
    yield unknown("api_action", "An API action has no meaning without an item.", "add")
    yield unknown("underscore", "`close_ticket` is not `close-ticket`.", "close_ticket")


def shapes():
    raw = element()
    yield Benti("instance_shape/single_object", "A single object of the instance family.", raw).accepted(seen(raw))
    yield Benti("instance_shape/list", "A list of the instance family, without `events`.",
                f"[{raw}]").accepted(seen(raw))
    yield Benti("instance_shape/events_object", "`events` with an object in place of a list.",
                f'{{"events":{raw}}}').accepted(seen(raw))
    moved = element("change-queue")
    about = "The vendor numbers requests: if one has several events, their ids end in the index."
    yield Benti("instance_shape/several_in_one_request", about, f'{{"events":[{raw},{moved}]}}').accepted(
        seen(raw, cloudevent=True), seen(moved, "change-queue", "ticket.moved", cloudevent=True))
    about = "The index is the position in the list, and malformed elements count too."
    yield Benti("instance_shape/one_of_two_readable", about, f'{{"events":[{{}},{raw}]}}').accepted(
        seen(raw, index=1), malformed=[(0, "/events/0/action")])
    about = "The members of an element may be in any order."
    turned = '{"body":{"status":3,"ticket_id":"P-1"},"created_at":"20170905091635","action":"close-ticket","id":"r-1"}'
    yield Benti("instance_shape/any_order", about, f"[{turned}]").accepted(seen(turned, ticket="P-1", id="r-1"))
    about = "Keys are case-sensitive: `Body` and `created_At` are not read."
    cased = '{"id":"r-1","action":"close-ticket","created_At":"x","Body":{"ticket_id":true}}'
    yield Benti("instance_shape/keys_case_sensitive", about, f"[{cased}]").accepted(
        seen(cased, ticket=None, id="r-1", time=None, zone_assumed=False))


def created_at():
    def read(case, about, value, time=TIME, assumed=False, offset=None):
        options = {"utc_offset_minutes": offset} if offset is not None else None
        return delivered(f"created_at/{case}", about, element(created_at=value), options=options, time=time,
                         zone_assumed=assumed, cloudevent=True)

    yield read("compact", "`YYYYMMDDhhmmss` has no zone: it is read as UTC, and the event says so.", '"20170905091635"',
               assumed=True)
    yield read("compact_number", "The 14 digits may be a number.", "20170905091635", assumed=True)
    yield read("compact_offset_east",
               "With an offset of 120 minutes the local 09:16:35 is 07:16:35 UTC; the zone is still assumed.",
               '"20170905091635"', "2017-09-05T07:16:35Z", True, 120)
    yield read("compact_offset_west", "With an offset of -330 minutes the local 09:16:35 is 14:46:35 UTC.",
               '"20170905091635"', "2017-09-05T14:46:35Z", True, -330)
    yield read("compact_offset_zero", "An offset of zero is UTC.", '"20170905091635"', TIME, True, 0)
    yield read("compact_offset_over_midnight", "An offset may move the day, the month and the year.",
               '"20180101003000"', "2017-12-31T23:30:00Z", True, 60)
    yield read("compact_leap_day", "29 February of a leap year is a day.", '"20240229235959"', "2024-02-29T23:59:59Z",
               True)
    yield read("compact_first_instant", "The first second of the year 0001.", '"00010101000000"',
               "0001-01-01T00:00:00Z", True)
    yield read("compact_last_instant", "The last second of the year 9999.", '"99991231235959"', "9999-12-31T23:59:59Z",
               True)
    yield read("rfc3339", "RFC 3339 is read; its zone is known.", '"2017-09-05T09:16:35Z"')
    yield read("rfc3339_offset_east", "RFC 3339 with an offset is turned into UTC.", '"2017-09-05T11:16:35+02:00"')
    yield read("rfc3339_offset_west", "RFC 3339 with a western offset is turned into UTC too.",
               '"2017-09-04T19:46:35-13:30"')
    yield read("rfc3339_milliseconds", "Milliseconds are kept, finer digits cut.", '"2017-09-05T09:16:35.0899Z"',
               "2017-09-05T09:16:35.089Z")
    about = "The configured offset is for times without a zone: RFC 3339 does not ask for it."
    yield read("rfc3339_ignores_the_offset", about, '"2017-09-05T09:16:35Z"', offset=120)
    yield read("unix_seconds", "Unix seconds are read; they have no zone to assume.", "1504602995")
    yield read("unix_seconds_ignore_the_offset", "The configured offset does not change unix seconds.", "1504602995",
               offset=120)
    yield read("unix_seconds_as_text", "Unix seconds may be given as text.", '"1504602995"')
    yield read("unix_milliseconds", "An integer above 1e11 that has not 14 digits is milliseconds.", "1504602995089",
               "2017-09-05T09:16:35.089Z")
    yield read("dotnet_escaped", "The form of .NET is read: seven digits of a second, and the plus sign as an escape.",
               '"2026-03-04T05:06:07.1234567\\u002B00:00"', "2026-03-04T05:06:07.123Z")
    yield read("null", "A null created_at leaves the time absent.", "null", None)
    raw = element(created_at=None)
    yield delivered("created_at/absent", "An event without created_at is read.", raw, time=None, zone_assumed=False,
                    cloudevent=True)


def created_at_refused():
    def refused(case, about, value, offset=None):
        options = {"utc_offset_minutes": offset} if offset is not None else None
        text = f'{{"events":[{element(created_at="‸" + value)}]}}'
        request = Benti(f"created_at/{case}", about, text, options=options)
        return request.refused("malformed_payload", "/events/0/created_at")

    yield refused("month_13", "There is no month 13.", '"20171305091635"')
    yield refused("day_31_of_april", "There is no 31 April.", '"20170431091635"')
    yield refused("february_29_of_a_common_year", "29 February of a common year is refused.", '"20230229091635"')
    yield refused("hour_24", "There is no hour 24.", '"20170905241635"')
    yield refused("second_60", "A leap second is refused.", '"20170905091660"')
    yield refused("year_0000", "The year 0000 cannot be represented.", '"00000905091635"')
    yield refused("compact_number_impossible", "14 digits are a date also as a number: an impossible one is refused.",
                  "20171305091635")
    about = "The first instant moved east of Greenwich lies before the year 0001."
    yield refused("offset_before_first_instant", about, '"00010101000000"', 60)
    about = "The last instant moved west of Greenwich lies past the year 9999."
    yield refused("offset_after_last_instant", about, '"99991231235959"', -60)
    yield refused("date_alone", "A day without a time is refused.", '"2017-09-05"')
    yield refused("spaced_without_zone", "A date with a space and no zone is refused.", '"2017-09-05 09:16:35"')
    yield refused("rfc3339_without_zone", "RFC 3339 without a zone is refused.", '"2017-09-05T09:16:35"')
    yield refused("rfc3339_offset_24_hours", "An offset of 24 hours is refused.", '"2017-09-05T09:16:35+24:00"')
    yield refused("http_date", "An HTTP-date is refused.", '"Tue, 05 Sep 2017 09:16:35 GMT"')
    yield refused("trailing_text", "Text after the digits is refused.", '"20170905091635Z"')
    yield refused("empty_text", "An empty text is not a date.", '""')
    yield refused("word", "A word is not a date.", '"yesterday"')
    yield refused("true", "A boolean is not a date.", "true")
    yield refused("fraction", "A fraction of a second is refused.", "1504602995.5")
    yield refused("object", "A date object is refused.", '{"date":"2017-09-05 09:16:35"}')
    yield refused("beyond_64_bits", "A value of 30 digits is a malformed element, never a panic.", "1" * 30)


def event_ids():
    def read(case, about, value, identifier, cloudevent=True):
        return delivered(f"instance_ids/{case}", about, element(identifier=value), id=identifier, cloudevent=cloudevent)

    yield read("integer", "The vendor's id may be an integer.", "42", "42")
    big = "18446744073709551617"
    yield read("beyond_2_64", "An integer id of any size is kept exactly.", big, big, cloudevent=False)
    yield read("escaped", "Escapes in the vendor's id are decoded.", '"a\\/b\\u003d"', "a/b=")
    yield read("null", "A null id counts as absent: the event's id is derived.", "null", None)
    yield read("empty", "An empty id counts as absent: the event's id is derived.", '""', None)
    yield read("absent", "Without an id the event's id is derived.", None, None)
    first, second = element(identifier="null"), element("change-queue", identifier=None)
    about = "Derived ids of one delivery end in the index too."
    yield Benti("instance_ids/derived_of_several", about, f"[{first},{second}]").accepted(
        seen(first, id=None), seen(second, "change-queue", "ticket.moved", id=None))
    for case, value in (("true", "true"), ("fraction", "4.2"), ("object", "{}")):
        about = f"An id is an integer or a text: {case} is malformed."
        yield Benti(f"instance_ids/{case}", about,
                    f'[{element(identifier="‸" + value)}]').refused("malformed_payload", "/0/id")


def subjects_and_parents():
    def read(case, about, ticket, cloudevent=True, parent=None, **fields):
        raw = element("create-ticket", **fields)
        return delivered(f"instance_tickets/{case}", about, raw, action="create-ticket", kind="ticket.created",
                         ticket=ticket, parent=parent, cloudevent=cloudevent)

    def refused(case, about, path, **fields):
        text = f'{{"events":[{element("create-ticket", **fields)}]}}'
        return Benti(f"instance_tickets/{case}", about, text).refused("malformed_payload", f"/events/0/{path}")

    yield read("resource_wins", "`resource` wins over `body.ticket_id`.", "P-1", resource='"P-1"')
    yield read("resource_null", "If the resource is null, `body.ticket_id` counts.", TICKET_ID, resource="null")
    yield read("resource_empty", "If the resource is empty, `body.ticket_id` counts.", TICKET_ID, resource='""')
    yield read("integers", "The ticket and the parent may be integers.", "110064",
               body='{"ticket_id":110064,"parentId":110063}', parent=("ticket", "110063"))
    yield read("null", "Null ids count as absent.", None, body='{"ticket_id":null,"parentId":null}')
    yield read("empty", "Empty ids count as absent.", None, body='{"ticket_id":"","parentId":""}')
    yield read("white_space", "White space in a ticket's id is percent-encoded in the CloudEvent's subject.", "P 1",
               resource='"P 1"')
    yield read("with_at_sign", "A ticket's id with an `@` does not enter the CloudEvent.", "P@1", resource='"P@1"')
    yield refused("resource_true", "A resource that is a boolean is malformed.", "resource", resource="‸true")
    yield refused("resource_object", "A resource that is an object is malformed in a known action.", "resource",
                  resource='‸{"id":1}')
    yield refused("ticket_id_false", "A ticket_id that is a boolean is malformed.", "body/ticket_id",
                  body='{"ticket_id":‸false}')
    yield refused("ticket_id_minus_zero", "A ticket_id of -0 is malformed.", "body/ticket_id", body='{"ticket_id":‸-0}')
    yield refused("parent_id_fraction", "A parentId that is a fraction is malformed.", "body/parentId",
                  body='{"ticket_id":2,"parentId":‸1.5}')
    yield refused("parent_id_list", "A parentId that is a list is malformed.", "body/parentId",
                  body='{"ticket_id":2,"parentId":‸[1]}')
    yield refused("ticket_id_repeated", "A repeated key inside the body is found.", "body/ticket_id",
                  body='{"ticket_id":1,‸"ticket_id":1}')
    yield refused("body_repeated", "A repeated body is found.", "body", body='{"ticket_id":1},‸"body":{}')


def actors():
    def read(case, about, actor, cloudevent=True, **fields):
        raw = element("reply-ticket", **fields)
        return delivered(f"instance_actors/{case}", about, raw, action="reply-ticket", kind="ticket.replied",
                         actor=actor and ("user", actor), cloudevent=cloudevent)

    def refused(case, about, path, **fields):
        text = f'{{"events":[{element("reply-ticket", **fields)}]}}'
        return Benti(f"instance_actors/{case}", about, text).refused("malformed_payload", f"/events/0/{path}")

    def sender(value):
        return f'{{"ticket_id":"{TICKET_ID}","message":{{"from":{{"id":{value}}}}}}}'

    yield read("user_wins", "`user.identifier` wins over the message's sender.", "agent@b.co",
               user='{"identifier":"agent@b.co"}', body=sender("7"))
    yield read("user_null", "If the identifier is null, the sender counts.", "7", user='{"identifier":null}',
               body=sender("7"))
    yield read("sender_as_text", "The sender's id may be text.", "u-7", body=sender('"u-7"'))
    yield read("sender_null", "A null sender's id counts as absent.", None, body=sender("null"))
    yield read("sender_empty", "An empty sender's id counts as absent.", None, body=sender('""'))
    yield read("identifier_integer", "An identifier may be an integer.", "12", user='{"identifier":12}')
    yield refused("identifier_true", "An identifier that is a boolean is malformed.", "user/identifier",
                  user='{"identifier":‸true}')
    yield refused("sender_exponent", "A sender's id with an exponent is malformed.", "body/message/from/id",
                  body=sender("‸1e3"))
    yield refused("sender_object", "A sender's id that is an object is malformed.", "body/message/from/id",
                  body=sender("‸{}"))
    about = "A lone surrogate in an identifier is malformed."
    yield refused("identifier_lone_surrogate", about, "user/identifier", user='{"identifier":‸"a\\ud83d"}')
    about = "The sender's key is refused if it is repeated, even with an escape."
    yield refused("sender_repeated", about, "body/message/from/id",
                  body='{"message":{"from":{"id":7,‸"\\u0069d":8}}}')


def blocks():
    def read(case, about, action="reply-ticket", kind="ticket.replied", ticket=None, **fields):
        raw = element(action, **fields)
        return delivered(f"instance_blocks/{case}", about, raw, action=action, kind=kind, ticket=ticket)

    about = "Blocks of an answer may be null."
    yield read("answer_all_null", about, "answer", "ticket.answered", "P-1", body=None, resource='"P-1"', user="null",
               action_data="null", resource_data="null", attachments="null")
    for case, value in (("null", "null"), ("text", '"none"'), ("list", "[]"), ("number", "5")):
        about = f"A block that is not an object counts as absent: body is {case}."
        yield read(f"body_{case}", about, body=value)
    yield read("body_absent", "Without a body the ticket is absent.", body=None)
    yield read("user_text", "A user that is text counts as absent.", user='"agent"', body="{}")
    yield read("message_list", "A message that is a list counts as absent.",
               body='{"ticket_id":5,"message":[{"from":{"id":true}}]}', ticket="5")
    yield read("from_null", "A sender that is null counts as absent.", body='{"ticket_id":5,"message":{"from":null}}',
               ticket="5")
    yield read("from_text", "A sender that is text counts as absent.", body='{"ticket_id":5,"message":{"from":"Jo"}}',
               ticket="5")
    about = "Only the named blocks are read: a ticket_id or an identifier elsewhere is ignored."
    yield read("ids_elsewhere", about, body='{"user":{"identifier":true},"parent":{"ticket_id":{}}}',
               resource_data='{"ticket_id":1.5,"ticket_id":2}')


def malformed_elements():
    good = element()

    def beside(case, about, bad, path):
        return Benti(f"instance_malformed/{case}", about, f'{{"events":[{good},{bad}]}}').accepted(
            seen(good), malformed=[(1, f"/events/1{path}")])

    yield beside("action_number", "An action that is a number is malformed.", '{"id":"r","action":3}', "/action")
    yield beside("action_null", "A null action is malformed.", '{"id":"r","action":null}', "/action")
    yield beside("action_empty", "An empty action is malformed.", '{"id":"r","action":""}', "/action")
    yield beside("created_at", "An unreadable created_at makes only its element malformed.",
                 element(created_at='"soon"'),
                 "/created_at")
    yield beside("ticket_id", "An unreadable ticket_id makes only its element malformed.",
                 element(body='{"ticket_id":true}'),
                 "/body/ticket_id")
    yield beside("text", "An element that is text is malformed.", '"close-ticket"', "")
    about = "`Action` is not `action`: without either key the element is of no family."
    text = '{"events":[‸{"id":"r","Action":"close-ticket"}]}'
    yield Benti("instance_malformed/action_in_other_case", about, text).refused("malformed_payload", "/events/0/action")

//! The typed payloads, read from the vendors' own samples made strict JSON, and what events write of themselves.

mod senders;

use hookseal::{
    Data, Delivery, Payload, Text, Timestamp, Vendor,
    benti::{InstanceDetails, InstanceEvent},
    bento::Tags,
};
use serde_json::json;

fn receive(vendor: Vendor, body: &str) -> Delivery<Vec<u8>> {
    let now = Timestamp::from_unix_seconds(1_772_600_767).unwrap();
    senders::received(vendor, body.as_bytes(), now)
}

/// Hands over the payload of the only event.
fn with_payload<T>(vendor: Vendor, body: &str, look: impl FnOnce(Payload<'_>) -> T) -> T {
    let delivery = receive(vendor, body);
    assert_eq!((delivery.len(), delivery.malformed()), (1, &[][..]));
    look(delivery.get(0).unwrap().payload().unwrap())
}

fn with_instance<T>(body: &str, look: impl FnOnce(InstanceEvent<'_>) -> T) -> T {
    with_payload(Vendor::Benti, body, |payload| match payload {
        Payload::BentiInstance(event) => look(event),
        other => panic!("{other:?}"),
    })
}

/// The place of a payload's mismatch; its message holds none of these texts.
fn mismatch(vendor: Vendor, body: &str, texts: &[&str]) -> (usize, usize) {
    let delivery = receive(vendor, body);
    let mismatch = delivery.get(0).unwrap().payload().unwrap_err();
    for shown in [mismatch.to_string(), format!("{mismatch:?}")] {
        assert!(texts.iter().all(|text| !shown.contains(text)), "{shown}");
    }
    (mismatch.line(), mismatch.column())
}

fn text(text: Option<Text<'_>>) -> Option<String> {
    text.map(|text| text.to_string())
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn benjis_sample() {
    let body = r#"{
    "event": "reward_transaction_updated",
    "entity": 3,
    "entity_id": 243
}"#;
    with_payload(Vendor::Benji, body, |payload| {
        let Payload::Benji(webhook) = payload else { panic!("{payload:?}") };
        assert_eq!(webhook.event, "reward_transaction_updated");
        assert_eq!(text(webhook.entity), some("3"));
        assert_eq!(text(webhook.entity_type), None);
        assert_eq!(text(webhook.entity_id), some("243"));
    });
}

#[test]
fn an_id_is_a_number_or_a_text_and_keeps_its_digits() {
    for (written, read) in [
        ("18446744073709551616", some("18446744073709551616")),
        ("-7", some("-7")),
        (r#""007""#, some("007")),
        (r#""2\u00343""#, some("243")),
        ("null", None),
    ] {
        let body = format!(
            r#"{{"event":"transaction_created","entity_type":"3","entity_id":{written},"more":[1]}}"#
        );
        with_payload(Vendor::Benji, &body, |payload| {
            let Payload::Benji(webhook) = payload else { panic!("{payload:?}") };
            assert_eq!(text(webhook.entity_id), read, "{written}");
            assert_eq!(text(webhook.entity_type), some("3"));
        });
    }
}

#[test]
fn the_sample_of_bentis_api() {
    let body = r#"{"id": 200, "item": "reply", "action": "add", "timestamp": 1660834225, "actor": 4014, "parent": 100}"#;
    with_payload(Vendor::Benti, body, |payload| {
        let Payload::BentiApi(event) = payload else { panic!("{payload:?}") };
        assert!(event.item == "reply" && event.action == "add");
        let numbers = [event.id, event.timestamp, event.actor, event.parent].map(text);
        assert_eq!(numbers, ["200", "1660834225", "4014", "100"].map(some));
    });
    let body =
        r#"[{"id":"R-1","item":"reply","action":"add","actor":null,"parent":null,"unknown":{"id":1}}]"#;
    with_payload(Vendor::Benti, body, |payload| {
        let Payload::BentiApi(event) = payload else { panic!("{payload:?}") };
        assert_eq!(
            [event.id, event.timestamp, event.actor, event.parent].map(text),
            [some("R-1"), None, None, None]
        );
    });
}

const ANSWER: &str = r#"{"events": [{
    "id": "MDAwMDAwMOSfti9quwKNOg==",
    "action": "answer",
    "created_at": "20170905091635",
    "resource": "PROJECTNAME-00110063",
    "type": "ticket",
    "user": {"name": "name", "identifier": "email@email.com"},
    "action_data": {"text": "text", "to": [{"email": "to@email.com", "name": "recipient"}], "cc": null, "bcc": null},
    "resource_data": {
        "creator": {"name": "creator_name", "identifier": "creator@email.com"},
        "queue": {"id": 1, "name": "queue_name"},
        "source": {"id": 2, "name": "source_name"}
    },
    "project": {"name": "instance_name"},
    "attachments": [{"id": "123", "url": "image_url", "name": "Image name.png", "type": "image\/png"}]
}]}"#;

#[test]
fn the_sample_of_answer() {
    with_instance(ANSWER, |event| {
        assert_eq!(text(event.id), some("MDAwMDAwMOSfti9quwKNOg=="));
        assert_eq!(event.action, "answer");
        assert_eq!(text(event.created_at), some("20170905091635"));
        assert_eq!(text(event.project), some("instance_name"));
        let InstanceDetails::Answer(answer) = event.details else { panic!("{event:?}") };
        assert_eq!(text(answer.resource), some("PROJECTNAME-00110063"));
        assert_eq!(text(answer.resource_type), some("ticket"));
        let user = answer.user.unwrap();
        assert_eq!((text(user.name), text(user.identifier)), (some("name"), some("email@email.com")));
        let message = answer.action_data.unwrap();
        assert_eq!(text(message.content), some("text"));
        assert_eq!(text(message.to[0].email), some("to@email.com"));
        assert_eq!(text(message.to[0].name), some("recipient"));
        assert_eq!((message.to.len(), message.cc.len(), message.bcc.len()), (1, 0, 0));
        let context = answer.resource_data.unwrap();
        assert_eq!(text(context.creator.unwrap().name), some("creator_name"));
        assert_eq!(text(context.creator.unwrap().identifier), some("creator@email.com"));
        let (queue, source) = (context.queue.unwrap(), context.source.unwrap());
        assert_eq!((text(queue.id), text(queue.name)), (some("1"), some("queue_name")));
        assert_eq!((text(source.id), text(source.name)), (some("2"), some("source_name")));
        let attachment = answer.attachments[0];
        assert_eq!(text(attachment.id), some("123"));
        assert_eq!(text(attachment.url), some("image_url"));
        assert_eq!(text(attachment.name), some("Image name.png"));
        assert_eq!(text(attachment.media_type), some("image/png"));
    });
}

#[test]
fn the_blocks_of_an_answer_may_be_absent_or_null() {
    for body in [
        r#"{"action":"answer"}"#,
        r#"{"action":"answer","id":null,"created_at":null,"resource":null,"type":null,"user":null,"action_data":null,
            "resource_data":null,"project":null,"attachments":null}"#,
    ] {
        with_instance(body, |event| {
            assert!(event.id.is_none() && event.created_at.is_none() && event.project.is_none());
            let InstanceDetails::Answer(answer) = event.details else { panic!("{event:?}") };
            assert!(answer.resource.is_none() && answer.resource_type.is_none() && answer.user.is_none());
            assert!(answer.action_data.is_none() && answer.resource_data.is_none());
            assert!(answer.attachments.is_empty());
        });
    }
}

fn bodied(action: &str, body: &str) -> String {
    format!(
        r#"{{"events":[{{"id":"BViq==","action":"{action}","created_at":"20170908115131","project":"project_name","body":{body}}}]}}"#
    )
}

#[test]
fn the_samples_of_create_ticket_and_create_subticket() {
    for action in ["create-ticket", "create-subticket"] {
        with_instance(&bodied(action, r#"{"ticket_id":"PROJECTNAME-00110063"}"#), |event| {
            assert_eq!(text(event.project), some("project_name"));
            let InstanceDetails::CreateTicket { ticket_id, parent_id } = event.details else {
                panic!("{event:?}")
            };
            assert_eq!((text(ticket_id), text(parent_id)), (some("PROJECTNAME-00110063"), None));
        });
        let subticket = r#"{"ticket_id":"PROJECTNAME-00110064","parentId":"PROJECTNAME-00110063"}"#;
        with_instance(&bodied(action, subticket), |event| {
            let InstanceDetails::CreateTicket { ticket_id, parent_id } = event.details else {
                panic!("{event:?}")
            };
            assert_eq!(text(ticket_id), some("PROJECTNAME-00110064"));
            assert_eq!(text(parent_id), some("PROJECTNAME-00110063"));
        });
    }
}

#[test]
fn the_sample_of_change_queue() {
    let body = r#"{"ticket_id":"PROJECTNAME-00110063","previous_queue":1,"new_queue":18446744073709551616}"#;
    with_instance(&bodied("change-queue", body), |event| {
        let InstanceDetails::ChangeQueue { ticket_id, previous_queue, new_queue } = event.details else {
            panic!("{event:?}")
        };
        assert_eq!(text(ticket_id), some("PROJECTNAME-00110063"));
        assert_eq!((text(previous_queue), text(new_queue)), (some("1"), some("18446744073709551616")));
    });
}

#[test]
fn the_sample_of_classify_ticket() {
    let body = r#"{"ticket_id":"PROJECTNAME-00110063","previous_classification":"","new_classification":"3,6,10,32"}"#;
    with_instance(&bodied("classify-ticket", body), |event| {
        let InstanceDetails::ClassifyTicket { ticket_id, previous_classification, new_classification } =
            event.details
        else {
            panic!("{event:?}")
        };
        assert_eq!(text(ticket_id), some("PROJECTNAME-00110063"));
        assert_eq!((text(previous_classification), text(new_classification)), (some(""), some("3,6,10,32")));
    });
}

#[test]
fn the_sample_of_reply_ticket() {
    let body = r#"{
        "ticket_id": "PROJECTNAME-00110063",
        "message": {
            "content": "\tHTML text\n<\/p>",
            "from": {"id": 15789, "name": "Agent\u00a0Name", "address": "username@example.com", "external_id": null,
                "is_agent": true},
            "attachments": [{"id": "641", "url": "image_url", "name": "Image name.png", "type": "image\/png"}]
        }
    }"#;
    with_instance(&bodied("reply-ticket", body), |event| {
        let InstanceDetails::ReplyTicket { ticket_id, message } = event.details else { panic!("{event:?}") };
        assert_eq!(text(ticket_id), some("PROJECTNAME-00110063"));
        let message = message.unwrap();
        assert_eq!(text(message.content), some("\tHTML text\n</p>"));
        let from = message.from.unwrap();
        assert_eq!((text(from.id), text(from.name)), (some("15789"), some("Agent\u{a0}Name")));
        assert_eq!((text(from.address), text(from.external_id)), (some("username@example.com"), None));
        assert_eq!(from.is_agent, Some(true));
        assert_eq!(text(message.attachments[0].id), some("641"));
        assert!(message.to.is_empty());
    });
}

#[test]
fn is_agent_is_a_boolean_or_its_text() {
    for (written, read) in [
        ("true", Some(true)),
        (r#""true""#, Some(true)),
        ("false", Some(false)),
        (r#""false""#, Some(false)),
        ("null", None),
    ] {
        let body = format!(r#"{{"message":{{"from":{{"is_agent":{written}}}}}}}"#);
        with_instance(&bodied("reply-ticket", &body), |event| {
            let InstanceDetails::ReplyTicket { message, .. } = event.details else { panic!("{event:?}") };
            assert_eq!(message.unwrap().from.unwrap().is_agent, read, "{written}");
        });
    }
    for written in ["1", r#""yes""#, r#""TRUE""#, "[]"] {
        let body = format!(r#"{{"message":{{"from":{{"is_agent":{written}}}}}}}"#);
        mismatch(Vendor::Benti, &bodied("reply-ticket", &body), &["yes", "TRUE"]);
    }
}

#[test]
fn the_sample_of_close_ticket() {
    with_instance(&bodied("close-ticket", r#"{"ticket_id":"PROJECTNAME-00110063","status":3}"#), |event| {
        let InstanceDetails::CloseTicket { ticket_id, status } = event.details else { panic!("{event:?}") };
        assert_eq!((text(ticket_id), text(status)), (some("PROJECTNAME-00110063"), some("3")));
    });
    for body in ["null", "{}"] {
        with_instance(&bodied("close-ticket", body), |event| {
            let InstanceDetails::CloseTicket { ticket_id, status } = event.details else {
                panic!("{event:?}")
            };
            assert!(ticket_id.is_none() && status.is_none());
        });
    }
}

#[test]
fn an_unknown_action_has_no_details() {
    with_instance(r#"{"action":"unknown-action","resource":"P-1","body":[1]}"#, |event| {
        assert_eq!(event.action, "unknown-action");
        assert_eq!(event.details, InstanceDetails::Other);
    });
}

#[test]
fn the_recommended_payload_of_bento() {
    let body = r#"{"events": [{
        "type": "purchase_completed",
        "email": "customer@example.com",
        "details": {"order_id": "ORD-12345", "total": 149, "currency": "USD"},
        "fields": {"first_name": "Avery", "lifetime_value": 984}
    }]}"#;
    with_payload(Vendor::Bento, body, |payload| {
        let Payload::BentoEvent(event) = payload else { panic!("{payload:?}") };
        assert!(event.event_type == "purchase_completed" && event.email.unwrap() == "customer@example.com");
        assert!(event.date.is_none());
        assert_eq!(event.fields.unwrap().as_str(), r#"{"first_name": "Avery", "lifetime_value": 984}"#);
        let details = event.details.unwrap().data();
        assert_eq!(details.get("order_id"), Some(&Data::Text("ORD-12345".into())));
        let purchase = event.purchase().unwrap();
        assert!(purchase.unique.is_none() && purchase.value.is_none() && purchase.cart.is_none());
    });
}

#[test]
fn a_purchase_keeps_its_key_and_amount_as_written() {
    for (key, read) in
        [(r#""1\u00302""#, some("102")), ("18446744073709551616", some("18446744073709551616"))]
    {
        let body = format!(
            r#"{{"events":{{"type":"$purchase","email":"a@example.com","date":{{"timezone":"UTC"}},"details":{{
                "unique":{{"key":{key}}},"value":{{"currency":"USD","amount":1.10}},"cart":{{"items":[{{}}]}}}}}}}}"#
        );
        with_payload(Vendor::Bento, &body, |payload| {
            let Payload::BentoEvent(event) = payload else { panic!("{payload:?}") };
            assert_eq!(event.date.unwrap().as_str(), r#"{"timezone":"UTC"}"#);
            let purchase = event.purchase().unwrap();
            assert_eq!(text(purchase.unique.unwrap().key), read);
            assert_eq!(text(purchase.value.unwrap().currency), some("USD"));
            assert_eq!(purchase.value.unwrap().amount.unwrap().as_str(), "1.10");
            assert_eq!(purchase.cart.unwrap().as_str(), r#"{"items":[{}]}"#);
        });
    }
    let body =
        r#"{"events":{"type":"$purchase","email":"a@example.com","details":{"value":{"amount":"1.10"}}}}"#;
    with_payload(Vendor::Bento, body, |payload| {
        let Payload::BentoEvent(event) = payload else { panic!("{payload:?}") };
        assert!(event.purchase().is_none() && event.details.is_some());
    });
}

#[test]
fn tags_are_a_text_or_a_list() {
    let body = r#"{"subscribers":[{"email":"user@example.com","first_name":"Jesse","tags":"lead, mql,,","remove_tags":"pro\u0073pect"}]}"#;
    with_payload(Vendor::Bento, body, |payload| {
        let Payload::BentoSubscriber(subscriber) = payload else { panic!("{payload:?}") };
        assert_eq!(text(subscriber.email), some("user@example.com"));
        assert!(matches!(subscriber.tags, Some(Tags::Text(_))));
        assert_eq!(subscriber.tags.unwrap().names(), ["lead", "mql"]);
        assert_eq!(subscriber.remove_tags.unwrap().names(), ["prospect"]);
    });
    let body = r#"{"subscribers":{"email":null,"tags":["lead","a, \u0062"],"remove_tags":null}}"#;
    with_payload(Vendor::Bento, body, |payload| {
        let Payload::BentoSubscriber(subscriber) = payload else { panic!("{payload:?}") };
        assert!(subscriber.email.is_none() && subscriber.remove_tags.is_none());
        assert!(matches!(subscriber.tags, Some(Tags::List(_))));
        assert_eq!(subscriber.tags.unwrap().names(), ["lead", "a, b"]);
    });
    mismatch(Vendor::Bento, r#"{"subscribers":{"tags":["secret tag",7]}}"#, &["secret tag"]);
}

#[test]
fn the_sample_of_bentos_emails() {
    let body = r#"{"emails": [{
        "to": "user@example.com",
        "from": "hello@yourapp.com",
        "subject": "Reset your password",
        "html_body": "<p>Click here to reset: {{ link }}</p>",
        "transactional": true,
        "personalizations": {"link": "https://example.com/\u0061"}
    }]}"#;
    with_payload(Vendor::Bento, body, |payload| {
        let Payload::BentoEmail(email) = payload else { panic!("{payload:?}") };
        assert_eq!((text(email.to), text(email.from)), (some("user@example.com"), some("hello@yourapp.com")));
        assert_eq!(text(email.subject), some("Reset your password"));
        assert_eq!(text(email.html_body), some("<p>Click here to reset: {{ link }}</p>"));
        assert_eq!(email.transactional, Some(true));
        assert_eq!(email.personalizations.unwrap().as_str(), r#"{"link": "https://example.com/\u0061"}"#);
    });
}

#[test]
fn a_command_of_bento() {
    for (query, around) in [(r#""vip""#, ("", "")), (r#"{"key": "k", "value": 1e2}"#, ("[", "]"))] {
        let command = format!(r#"{{"command":"add_tag","email":"a@example.com","query":{query}}}"#);
        let body = format!(r#"{{"command":{}{command}{},"site_uuid":"s"}}"#, around.0, around.1);
        with_payload(Vendor::Bento, &body, |payload| {
            let Payload::BentoCommand(command) = payload else { panic!("{payload:?}") };
            assert!(command.command == "add_tag" && command.email.unwrap() == "a@example.com");
            assert_eq!(command.query.unwrap().as_str(), query);
        });
    }
}

#[test]
fn a_workflow_webhook_of_bento() {
    let body = r#"{"event":"reached","workflow":{"id":1},"email":"a@example.com","person":{"tags":[]},
        "source_event":{"type":"$view","details":{"amount":1.10}},"own":null}"#;
    with_payload(Vendor::Bento, body, |payload| {
        let Payload::BentoWorkflow(workflow) = payload else { panic!("{payload:?}") };
        let raw = [workflow.event, workflow.workflow, workflow.email, workflow.person, workflow.source_event];
        assert_eq!(
            raw.map(|raw| raw.unwrap().as_str()),
            [
                r#""reached""#,
                r#"{"id":1}"#,
                r#""a@example.com""#,
                r#"{"tags":[]}"#,
                r#"{"type":"$view","details":{"amount":1.10}}"#
            ]
        );
    });
    with_payload(Vendor::Bento, r#"{"event":7}"#, |payload| {
        let Payload::BentoWorkflow(workflow) = payload else { panic!("{payload:?}") };
        assert_eq!(workflow.event.unwrap().as_str(), "7");
        assert!(workflow.email.is_none());
    });
}

#[test]
fn a_mismatch_names_the_place_and_nothing_of_the_input() {
    let body = "{\"events\": [\n  {\"type\": \"t\", \"email\": \"m\"}]}";
    with_payload(Vendor::Bento, body, |payload| assert!(matches!(payload, Payload::BentoEvent(_))));

    let body = "{\"action\": \"answer\",\n  \"type\": [\"confidential\"]}";
    assert_eq!(mismatch(Vendor::Benti, body, &["confidential", "type", "[", "expected"]), (2, 27));
    let shown = receive(Vendor::Benti, body).get(0).unwrap().payload().unwrap_err().to_string();
    assert!(shown.starts_with("line 2, column 27 of the event differs from"), "{shown}");
    let body = "{\"emails\": {\"subject\": 123456789}}";
    assert_eq!(mismatch(Vendor::Bento, body, &["123456789", "subject"]), (1, 22));
    let body = "{\"action\": \"close-ticket\", \"body\": {\"status\": {\"confidential\": 1}}}";
    assert_eq!(mismatch(Vendor::Benti, body, &["confidential", "status"]).0, 1);
}

#[test]
fn data_keeps_the_digits_of_every_number() {
    let delivery =
        receive(Vendor::Bento, r#"{"a":18446744073709551616,"b":[1.0e+21,-0.0,1.10,-0],"c":1E400}"#);
    let data = delivery.get(0).unwrap().data();
    let digits = |data: &Data<'_>| match data {
        Data::Number(number) => number.as_str().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(digits(data.get("a").unwrap()), "18446744073709551616");
    let Some(Data::List(list)) = data.get("b") else { panic!("{data:?}") };
    assert_eq!(list.iter().map(digits).collect::<Vec<_>>(), ["1.0e+21", "-0.0", "1.10", "-0"]);
    assert_eq!(digits(data.get("c").unwrap()), "1E400");
    assert_eq!(
        serde_json::to_string(&data).unwrap(),
        r#"{"a":18446744073709551616,"b":[1.0e+21,-0.0,1.10,-0],"c":1E400}"#
    );
}

#[test]
fn an_event_is_written_with_all_its_fields_and_its_own_tokens() {
    let element = r#"{"id":200,"item":"reply","action":"add","timestamp":1660834225,"actor":4014,"parent":"P \"1\"", "amount": 1.10}"#;
    let delivery = receive(Vendor::Benti, &format!("[1, {element}]"));
    let event = delivery.get(0).unwrap();
    let id = event.id().to_string();
    assert!(id.ends_with("#1"), "{id}");
    let written = serde_json::to_string(&event).unwrap();
    let without_white_space = element.replace(", \"amount\": ", ",\"amount\":");
    assert!(written.ends_with(&format!(r#","data":{without_white_space}}}"#)), "{written}");
    assert_eq!(
        serde_json::to_value(event).unwrap(),
        json!({
            "id": id,
            "id_origin": "derived",
            "index": 1,
            "vendor": "benti",
            "source": "urn:hookseal:benti",
            "kind": "reply.created",
            "entity": "reply",
            "action": "created",
            "name": "reply.add",
            "subject": {"entity": "reply", "id": "200"},
            "actor": {"entity": "user", "id": "4014"},
            "parent": {"entity": "ticket", "id": "P \"1\""},
            "time": "2022-08-18T14:50:25Z",
            "time_zone_assumed": false,
            "assurance": {"body": "unsigned", "time": "unsigned", "name": "unsigned"},
            "data": {"id": 200, "item": "reply", "action": "add", "timestamp": 1_660_834_225, "actor": 4014,
                "parent": "P \"1\"", "amount": 1.10},
        })
    );
}

#[test]
fn absent_fields_of_an_event_are_written_as_null() {
    let delivery = receive(Vendor::Bento, r#"{"own":true}"#);
    let written = serde_json::to_value(delivery.get(0).unwrap()).unwrap();
    assert_eq!(written["name"], "workflow");
    assert_eq!(written["subject"], json!({"entity": "workflow", "id": null}));
    for field in ["actor", "parent", "time"] {
        assert_eq!(written.as_object().unwrap().get(field), Some(&json!(null)), "{field}");
    }
}

#[test]
fn the_shapes_of_further_clients_are_typed() {
    let delivery = receive(
        Vendor::Bento,
        r#"{"events":{"0":{"type":"$view","identity":{"email":"a@b.co"},"fields":null,"details":[1]}}}"#,
    );
    let Payload::BentoEvent(event) = delivery.get(0).unwrap().payload().unwrap() else { panic!("an event") };
    assert!(event.email.is_none() && event.fields.is_none() && event.details.is_some());
    assert_eq!(event.identity.unwrap().as_str(), r#"{"email":"a@b.co"}"#);
    let delivery =
        receive(Vendor::Bento, r#"{"command":{"command":"add_tag","uuid":"0197a1c2","query":"x"}}"#);
    let Payload::BentoCommand(command) = delivery.get(0).unwrap().payload().unwrap() else {
        panic!("a command")
    };
    assert!(command.email.is_none() && command.uuid.unwrap() == "0197a1c2");
    let delivery = receive(Vendor::Bento, r#"{"subscriber":{"email":"a@b.co","tags":"x,y"}}"#);
    assert!(matches!(delivery.get(0).unwrap().payload(), Ok(Payload::BentoSubscriber(_))));
}

#[test]
fn a_delivery_is_written_with_its_events_and_malformed_elements() {
    let delivery = receive(
        Vendor::Benti,
        r#"{"events":[{"id":"x","action":"answer","created_at":"20170905091635"},{"body":{}},7]}"#,
    );
    let mut written = serde_json::to_value(&delivery).unwrap();
    let events = written["events"].take();
    assert_eq!(events.as_array().unwrap().len(), 1);
    assert_eq!(events[0]["id"], "x#0");
    assert_eq!(events[0]["id_origin"], "vendor");
    assert_eq!(events[0]["time_zone_assumed"], true);
    assert_eq!(
        written,
        json!({
            "vendor": "benti",
            "key_id": "0",
            "assurance": {"body": "unsigned", "time": "unsigned", "name": "unsigned"},
            "time": "2017-09-05T09:16:35Z",
            "events": null,
            "malformed": [
                {"index": 1, "path": "/events/1/action", "message": "the field is missing"},
                {"index": 2, "path": "/events/2", "message": "expected an object"},
            ],
        })
    );
    assert_eq!(serde_json::to_value(delivery.malformed()).unwrap(), written["malformed"]);
}

#[test]
fn the_assurance_of_each_vendor_is_written_in_words() {
    let of = |vendor, body| serde_json::to_value(receive(vendor, body).assurance()).unwrap();
    let written = |body, time, name| json!({"body": body, "time": time, "name": name});
    assert_eq!(of(Vendor::Benji, r#"{"event":"e"}"#), written("signed", "signed", "signed"));
    assert_eq!(of(Vendor::Benti, r#"{"action":"a"}"#), written("unsigned", "absent", "unsigned"));
    assert_eq!(of(Vendor::Bento, "{}"), written("unsigned", "absent", "unsigned"));
}

#[test]
fn a_field_counts_in_its_own_object_alone_also_behind_one_that_closed() {
    let body = r#"{
        "action": "reply-ticket",
        "body": {
            "message": {"from": {"id": "U-1", "ticket_id": "-"}, "id": "-", "action": "-", "ticket_id": "-"},
            "action": "-",
            "from": {"id": "-"},
            "ticket_id": "P-1"
        },
        "message": {"from": {"id": "-"}},
        "id": "E-1"
    }"#;
    let delivery = receive(Vendor::Benti, body);
    let event = delivery.get(0).unwrap();
    assert_eq!((event.name().to_string(), event.id().to_string()), ("reply-ticket".into(), "E-1".into()));
    assert_eq!(event.subject().to_string(), "ticket/P-1");
    assert_eq!(event.actor().unwrap().to_string(), "user/U-1");

    let body = r#"{"events": {
        "type": "$purchase",
        "details": {"unique": {"other": "-", "key": "K-1", "type": "-"}, "type": "-", "email": "-", "key": "-"},
        "unique": {"key": "-"},
        "email": "a@example.com"
    }}"#;
    let delivery = receive(Vendor::Bento, body);
    let event = delivery.get(0).unwrap();
    let alone =
        r#"{"events":[{"type":"$purchase","email":"a@example.com","details":{"unique":{"key":"K-1"}}}]}"#;
    let alone = receive(Vendor::Bento, alone);
    assert_eq!((event.name().to_string(), event.id()), ("$purchase".into(), alone.get(0).unwrap().id()));
    assert_eq!(event.subject().to_string(), "subscriber/a@example.com");
}

#[test]
fn a_list_is_no_object_and_a_fraction_is_no_id() {
    let closed = |body: &str| format!(r#"{{"action":"close-ticket","body":{body}}}"#);
    for body in [r#"["P-7"]"#, r#"{"status":3.5}"#, r#"{"status":-0}"#, r#"{"status":true}"#] {
        mismatch(Vendor::Benti, &closed(body), &["P-7"]);
    }
    mismatch(Vendor::Benti, r#"{"action":"answer","user":["secret name"]}"#, &["secret name"]);
    mismatch(Vendor::Benti, r#"{"action":"answer","attachments":[["secret id"]]}"#, &["secret id"]);
    with_instance(&closed(r#"{"status":3}"#), |event| {
        let InstanceDetails::CloseTicket { status, .. } = event.details else { panic!("{event:?}") };
        assert_eq!(text(status), some("3"));
    });
    let purchase = |details: &str| {
        let body = format!(r#"{{"events":[{{"type":"$purchase","email":"a@b.co","details":{details}}}]}}"#);
        with_payload(Vendor::Bento, &body, |payload| {
            let Payload::BentoEvent(event) = payload else { panic!("{payload:?}") };
            event.purchase().map(|purchase| text(purchase.unique.unwrap().key))
        })
    };
    assert_eq!(purchase(r#"{"unique":{"key":7.5}}"#), Some(some("7.5")));
    assert_eq!(purchase(r#"[{"key":7.5}]"#), None);
}

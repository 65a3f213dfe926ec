//! An event as numbers: where its fields stand in the body, and what was read of them.

use std::ops::Range;

use hookseal::{Action, Entity, Event};

use crate::slab::millis;

pub(crate) const RECORD_WORDS: usize = 18;

/// The words (u32) of an event, which `lib/event.cjs` reads:
///
/// | words | content |
/// |---|---|
/// | 0 to 13 | start and end of raw, name, second name, id, subject, parent, actor; equal where absent |
/// | 14, 15 | the time as `f64`, or NaN |
/// | 16 | the index |
/// | 17 | entity, action, the subject's entity, each one byte; then whether the zone was assumed (1), and the word for the event's shape (2 subscribers, 4 emails, 6 workflow) |
pub(crate) type Record = [u32; RECORD_WORDS];

pub(crate) fn record(event: &Event<'_>) -> Record {
    let ranges = event.ranges();
    let [time, time_end] = halves(millis(event.time()));
    let [raw, raw_end] = bounds(&ranges.raw);
    let [name, name_end] = bounds(&ranges.name);
    let [second, second_end] = bounds(&ranges.second_name);
    let [id, id_end] = bounds(&ranges.id);
    let [subject, subject_end] = bounds(&ranges.subject);
    let [parent, parent_end] = bounds(&ranges.parent);
    let [actor, actor_end] = bounds(&ranges.actor);
    let shape = if ranges.name.is_empty() { shape(event) } else { 0 };
    let flags = u32::from(event.time_zone_assumed()) | shape;
    let kind = entity(event.entity()) | action(event.action()) << 8 | entity(event.subject().entity) << 16;
    let index = narrow(event.index());
    [
        raw,
        raw_end,
        name,
        name_end,
        second,
        second_end,
        id,
        id_end,
        subject,
        subject_end,
        parent,
        parent_end,
        actor,
        actor_end,
        time,
        time_end,
        index,
        kind | flags << 24,
    ]
}

/// The word that stands for the name of an event that brings none.
#[cold]
fn shape(event: &Event<'_>) -> u32 {
    let name = event.name();
    (0..)
        .step_by(2)
        .zip(["", "subscribers", "emails", "workflow"])
        .find(|(_, word)| name == *word)
        .map_or(0, |(n, _)| n)
}

fn bounds(range: &Range<usize>) -> [u32; 2] {
    [narrow(range.start), narrow(range.end)]
}

/// Places in a body fit 32 bits: the core allows no larger one.
fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// The two words of a number, in the machine's order.
pub(crate) fn halves(number: f64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = number.to_ne_bytes();
    [u32::from_ne_bytes([a, b, c, d]), u32::from_ne_bytes([e, f, g, h])]
}

/// The entities, each at the place by which a record names it.
pub(crate) const ENTITIES: [Entity; 13] = [
    Entity::User,
    Entity::Campaign,
    Entity::Transaction,
    Entity::Alert,
    Entity::Ticket,
    Entity::Reply,
    Entity::Media,
    Entity::Classification,
    Entity::Queue,
    Entity::Subscriber,
    Entity::Email,
    Entity::Workflow,
    Entity::Other,
];

/// The actions, each at the place by which a record names it.
pub(crate) const ACTIONS: [Action; 20] = [
    Action::Connected,
    Action::Created,
    Action::Authenticated,
    Action::Updated,
    Action::Removed,
    Action::Answered,
    Action::Replied,
    Action::Closed,
    Action::Classified,
    Action::Moved,
    Action::Purchased,
    Action::Subscribed,
    Action::Unsubscribed,
    Action::Tagged,
    Action::Untagged,
    Action::Tracked,
    Action::Requested,
    Action::Commanded,
    Action::Reached,
    Action::Other,
];

// A record names an entity or action by its place in the core's enum; the lists above have to agree.
const _: () = {
    let mut at = 0;
    while at < ENTITIES.len() {
        assert!(ENTITIES[at] as usize == at);
        at += 1;
    }
    let mut at = 0;
    while at < ACTIONS.len() {
        assert!(ACTIONS[at] as usize == at);
        at += 1;
    }
};

fn entity(entity: Entity) -> u32 {
    entity as u32
}

fn action(action: Action) -> u32 {
    action as u32
}

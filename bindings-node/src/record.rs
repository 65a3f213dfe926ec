//! An event as numbers: where its fields stand in the body, and what was read of them.

use std::ops::Range;

use hookseal::{
    Action, Coverage, Entity, Event, IdOrigin,
    binding::{ACTIONS, ENTITIES, EventRecord, FAMILIES},
};

use crate::slab::{halves, millis, number, timestamp_of};

pub(crate) const RECORD_WORDS: usize = 16;

/// The words (u32) of an event, which `lib/event.cjs` reads:
///
/// | words | content |
/// |---|---|
/// | 0 to 11 | start and end of raw, name, extra, subject, parent, actor; equal where absent |
/// | 12, 13 | the time as `f64`, or NaN |
/// | 14 | the index |
/// | 15 | entity, action, the subject's entity, each one byte; then whether the zone was assumed (1), extra is the second word of the name (2), the vendor gave the id (4), and the family (times 8) |
pub(crate) type Record = [u32; RECORD_WORDS];

const ZONE_ASSUMED: u32 = 1;
const SECOND_NAME: u32 = 1 << 1;
const VENDOR_ID: u32 = 1 << 2;
const FAMILY_AT: u32 = 3;
const FLAGS_AT: u32 = 24;

pub(crate) fn record(event: &Event<'_>) -> Record {
    let EventRecord {
        raw,
        name,
        extra,
        extra_is_second_name,
        subject,
        parent,
        actor,
        entity,
        action,
        subject_entity,
        family,
        time,
        time_zone_assumed,
        index,
    } = EventRecord::from(event);
    let [time, time_end] = halves(millis(time));
    let flags = flag(ZONE_ASSUMED, time_zone_assumed)
        | flag(SECOND_NAME, extra_is_second_name)
        | flag(VENDOR_ID, event.id_origin() == IdOrigin::Vendor)
        | u32::from(family) << FAMILY_AT;
    let kind = entity as u32 | (action as u32) << 8 | (subject_entity as u32) << 16;
    [
        raw.start,
        raw.end,
        name.start,
        name.end,
        extra.start,
        extra.end,
        subject.start,
        subject.end,
        parent.start,
        parent.end,
        actor.start,
        actor.end,
        time,
        time_end,
        index,
        kind | flags << FLAGS_AT,
    ]
}

/// What [`record`] made these words of.
pub(crate) fn event_record(words: &Record) -> EventRecord {
    let &[
        raw,
        raw_end,
        name,
        name_end,
        extra,
        extra_end,
        subject,
        subject_end,
        parent,
        parent_end,
        actor,
        actor_end,
        time,
        time_end,
        index,
        last,
    ] = words;
    let [entity, action, subject_entity, flags] = last.to_le_bytes();
    let has = |bit: u32| u32::from(flags) & bit != 0;
    EventRecord {
        raw: Range { start: raw, end: raw_end },
        name: Range { start: name, end: name_end },
        extra: Range { start: extra, end: extra_end },
        extra_is_second_name: has(SECOND_NAME),
        subject: Range { start: subject, end: subject_end },
        parent: Range { start: parent, end: parent_end },
        actor: Range { start: actor, end: actor_end },
        entity: entity_of(entity),
        action: ACTIONS.get(usize::from(action)).copied().unwrap_or(Action::Other),
        subject_entity: entity_of(subject_entity),
        family: flags >> FAMILY_AT,
        time: timestamp_of(number([time, time_end])),
        time_zone_assumed: has(ZONE_ASSUMED),
        index,
    }
}

fn flag(bit: u32, is_set: bool) -> u32 {
    if is_set { bit } else { 0 }
}

fn entity_of(place: u8) -> Entity {
    ENTITIES.get(usize::from(place)).copied().unwrap_or(Entity::Other)
}

// A record names an entity, an action or a coverage by its place in the core's enum; the lists that JavaScript gets have
// to agree. The family has five bits.
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
    let mut at = 0;
    while at < Coverage::ALL.len() {
        assert!(Coverage::ALL[at] as usize == at);
        at += 1;
    }
    assert!(FAMILIES <= 1 << 5);
};

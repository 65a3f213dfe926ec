//! An event as numbers: the positions of its fields in the body, and the facts that were read from them.

use std::ops::Range;

use hookseal::{
    Action, Entity, Event, IdOrigin,
    binding::{EventParts, Family},
};
use napi::Result;

use crate::{
    fault::broken,
    numbers::{halves, joined, millis_or_nan, time_or_nan},
};

pub(crate) const EVENT_WORDS: usize = 16;

/// The words (u32) of an event, which `lib/event.cjs` reads:
///
/// | words | content |
/// |---|---|
/// | 0 to 11 | start and end of raw, name, extra, subject, parent, actor; equal if absent |
/// | 12, 13 | the time as `f64`, or NaN |
/// | 14 | the index |
/// | 15 | entity, action and the subject's entity, one byte each; then a sum: 1 if the zone was assumed, 2 if extra is the second word of the name, 4 times the origin of the id, 8 times the family |
pub(crate) type EventWords = [u32; EVENT_WORDS];

const ZONE_ASSUMED: u32 = 1;
const SECOND_NAME: u32 = 1 << 1;
const ID_ORIGIN_AT: u32 = 2;
const FAMILY_AT: u32 = 3;
const FLAGS_AT: u32 = 24;

pub(crate) fn event_words(event: &Event<'_>) -> EventWords {
    let EventParts {
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
    } = EventParts::from(event);
    let [time, time_end] = halves(millis_or_nan(time));
    let flags = flag(ZONE_ASSUMED, time_zone_assumed)
        | flag(SECOND_NAME, extra_is_second_name)
        | (event.id_origin() as u32) << ID_ORIGIN_AT
        | (family as u32) << FAMILY_AT;
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

/// The reverse of [`event_words`].
pub(crate) fn event_parts(words: &EventWords) -> Result<EventParts> {
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
    Ok(EventParts {
        raw: Range { start: raw, end: raw_end },
        name: Range { start: name, end: name_end },
        extra: Range { start: extra, end: extra_end },
        extra_is_second_name: has(SECOND_NAME),
        subject: Range { start: subject, end: subject_end },
        parent: Range { start: parent, end: parent_end },
        actor: Range { start: actor, end: actor_end },
        entity: at(Entity::ALL, entity)?,
        action: at(Action::ALL, action)?,
        subject_entity: at(Entity::ALL, subject_entity)?,
        family: at(Family::ALL, flags >> FAMILY_AT)?,
        time: time_or_nan(joined([time, time_end]))?,
        time_zone_assumed: has(ZONE_ASSUMED),
        index,
    })
}

fn flag(bit: u32, is_set: bool) -> u32 {
    if is_set { bit } else { 0 }
}

fn at<T: Copy>(all: &[T], place: u8) -> Result<T> {
    all.get(usize::from(place)).copied().ok_or_else(broken)
}

// A record holds positions in lists of the core. Its bits must be enough for them.
const _: () = {
    assert!(Entity::ALL.len() <= 1 << 8);
    assert!(Action::ALL.len() <= 1 << 8);
    assert!(IdOrigin::ALL.len() <= 1 << (FAMILY_AT - ID_ORIGIN_AT));
    assert!(Family::ALL.len() <= 1 << (8 - FAMILY_AT));
};

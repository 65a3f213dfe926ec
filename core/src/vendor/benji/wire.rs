use crate::{
    event::Entry,
    payload::{
        Span, Value,
        scan::{NameBuffer, Scanner},
    },
    vendor::{
        Reading,
        element::{Collector, Element},
    },
};

/// The fields of a body that are read.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) raw: Span,
    pub(super) event: Value,
    pub(super) entity: Value,
    pub(super) entity_type: Value,
    pub(super) entity_id: Value,
}

/// Reads the object under the cursor.
#[inline(always)]
pub(super) fn element<'b>(mut scanner: Scanner<'b>, open: u32, reading: &Reading) -> Element<'b, Entry> {
    let body = scanner.body();
    let mut fields = Fields::default();
    let mut collect = Collector::default();
    let mut object = scanner.open_object(open)?;
    let open = open + 1;
    while let Some(key) = scanner.next_key(&mut object)? {
        let (slot, field) = match key.name(body, &mut NameBuffer::default()) {
            b"event" => (&mut fields.event, "/event"),
            b"entity" => (&mut fields.entity, "/entity"),
            b"entity_type" => (&mut fields.entity_type, "/entity_type"),
            b"entity_id" => (&mut fields.entity_id, "/entity_id"),
            _ => {
                scanner.value(open)?;
                continue;
            }
        };
        collect.field(&mut scanner, key, open, slot, field)?;
    }
    fields.raw = scanner.span_of(&object);
    Ok((scanner, collect.finish().and_then(|()| fields.normalize(body, reading))))
}

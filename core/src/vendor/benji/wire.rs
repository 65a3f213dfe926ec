use crate::{
    payload::{
        Span, Value,
        scan::{NameBuffer, Scan, Scanner},
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
pub(super) fn element(cursor: &mut Scanner<'_>, open: u32, reading: &Reading) -> Scan<Element> {
    let mut scanner = *cursor;
    let mut buffer = NameBuffer::default();
    let mut fields = Fields::default();
    let mut collect = Collector::default();
    let mut object = scanner.open_object(open)?;
    let open = open + 1;
    while let Some(key) = scanner.next_key(&mut object)? {
        let (slot, field) = match key.name(&mut buffer) {
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
    *cursor = scanner;
    Ok(collect.finish().and_then(|()| fields.normalize(scanner.body(), reading)))
}

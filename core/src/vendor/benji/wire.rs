use crate::{
    payload::{
        Span, Value,
        scan::{Scan, Scanner},
    },
    vendor::element::{Collector, ElementFault, not_an_object},
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

impl Fields {
    #[inline(always)]
    pub(super) fn scan(scanner: &mut Scanner<'_>, open: u32) -> Scan<Result<Self, ElementFault>> {
        if scanner.token() != b'{' {
            return not_an_object(scanner, open);
        }
        let mut fields = Self::default();
        let mut collect = Collector::default();
        fields.raw = scanner.object(open, |scanner, key| {
            let (slot, field) = match scanner.name(key) {
                b"event" => (&mut fields.event, "/event"),
                b"entity" => (&mut fields.entity, "/entity"),
                b"entity_type" => (&mut fields.entity_type, "/entity_type"),
                b"entity_id" => (&mut fields.entity_id, "/entity_id"),
                _ => return scanner.value(open + 1).map(drop),
            };
            collect.field(scanner, key, open + 1, slot, field)
        })?;
        Ok(collect.finish().map(|()| fields))
    }
}

use crate::{
    payload::{
        Value,
        scan::{Scan, Scanner},
    },
    reading::{
        Filling, Reading,
        element::{self, Member},
    },
};

/// The fields of a body that are read.
#[derive(Debug, Default)]
pub(super) struct Fields<'a> {
    pub(super) event: Value<'a>,
    pub(super) entity: Value<'a>,
    pub(super) entity_type: Value<'a>,
    pub(super) entity_id: Value<'a>,
}

impl<'a> element::Fields<'a> for Fields<'a> {
    type Block = ();

    #[inline(always)]
    fn member(&mut self, (): (), name: &[u8]) -> Member<'_, 'a, ()> {
        match () {
            () if name == b"event" => Member::Field(&mut self.event, "/event"),
            () if name == b"entity" => Member::Field(&mut self.entity, "/entity"),
            () if name == b"entity_type" => Member::Field(&mut self.entity_type, "/entity_type"),
            () if name == b"entity_id" => Member::Field(&mut self.entity_id, "/entity_id"),
            _ => Member::Unread,
        }
    }

    fn parent((): ()) {}
}

/// Passes the webhook under the cursor.
#[inline(always)]
pub(super) fn webhook(
    scanner: &mut Scanner<'_>,
    open: u32,
    filling: &mut Filling<'_>,
    reading: &Reading<'_>,
) -> Scan<()> {
    element::read(scanner, open, filling, Fields::default(), |fields, raw| fields.normalize(raw, reading))
}

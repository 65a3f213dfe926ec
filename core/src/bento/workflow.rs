//! A workflow webhook, whose form its operator chose.

use crate::{
    event::{Entry, Family},
    kind::{Action, Entity, Kind},
    payload::{
        Value,
        scan::{Scan, Scanner},
    },
    reading::{
        Filling,
        element::{self, Member, optional_text},
    },
};

/// The fields of a workflow webhook that are read.
#[derive(Debug, Default)]
struct WorkflowFields<'a> {
    event: Value<'a>,
    email: Value<'a>,
}

impl<'a> element::Fields<'a> for WorkflowFields<'a> {
    type Block = ();

    #[inline(always)]
    fn member(&mut self, (): (), name: &[u8]) -> Member<'_, 'a, ()> {
        match () {
            () if name == b"event" => Member::Field(&mut self.event, "/event"),
            () if name == b"email" => Member::Field(&mut self.email, "/email"),
            _ => Member::Unread,
        }
    }

    fn parent((): ()) {}
}

/// Passes the workflow webhook under the cursor, which is an object.
#[inline(never)]
pub(super) fn workflow(scanner: &mut Scanner<'_>, open: u32, filling: &mut Filling<'_>) -> Scan<()> {
    element::read(scanner, open, filling, WorkflowFields::default(), |fields, raw| Ok(fields.normalize(raw)))
}

impl WorkflowFields<'_> {
    fn normalize(&self, raw: Value<'_>) -> Entry {
        let name = optional_text(self.event);
        let action = if name.is_absent() { Action::Other } else { Action::Reached };
        let kind = Kind::new(Entity::Workflow, action);
        let subject = optional_text(self.email);
        Entry { subject, ..Entry::new(Family::BentoWorkflow, raw.span(), name, kind) }
    }
}

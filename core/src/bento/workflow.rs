//! Reads a workflow webhook, whose form its operator chose.

use crate::{
    event::{Entry, Family},
    kind::{Action, Entity, Kind},
    payload::{JsonValue, scan::Scan},
    reading::{ElementFields, Reader, Role, element::optional_text},
};

#[derive(Debug, Default)]
struct WorkflowFields<'a> {
    event: JsonValue<'a>,
    email: JsonValue<'a>,
}

impl<'a> ElementFields<'a> for WorkflowFields<'a> {
    type Object = ();

    #[inline]
    fn role(&mut self, (): (), name: &[u8]) -> Role<'_, 'a, ()> {
        match name {
            b"event" => Role::Field { value: &mut self.event, pointer: "/event" },
            b"email" => Role::Field { value: &mut self.email, pointer: "/email" },
            _ => Role::Ignored,
        }
    }

    fn parent((): ()) {}
}

#[inline(never)]
pub(super) fn workflow(reader: &mut Reader<'_, '_>) -> Scan<()> {
    reader.element(WorkflowFields::default(), |fields, element| Ok(fields.normalize(element)))
}

impl WorkflowFields<'_> {
    fn normalize(&self, element: JsonValue<'_>) -> Entry {
        let name = optional_text(self.event);
        let action = if name.is_absent() { Action::Other } else { Action::Reached };
        let kind = Kind::new(Entity::Workflow, action);
        let subject = optional_text(self.email);
        Entry { subject, ..Entry::new(Family::BentoWorkflow, element.span(), name, kind) }
    }
}

//! Reads a workflow webhook, whose form its operator chose.

use crate::{
    event::{Entry, Family},
    kind::{Action, Entity, Kind},
    payload::{JsonValue, scan::Scan},
    reading::{ElementFault, ElementFields, ReadContext, Reader, Role, element::optional_text},
    rejection::Problem,
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
    let context = reader.context();
    reader.element(WorkflowFields::default(), |fields, element| fields.normalize(element, context))
}

impl WorkflowFields<'_> {
    fn normalize(&self, element: JsonValue<'_>, context: &ReadContext<'_>) -> Result<Entry, ElementFault> {
        let name = optional_text(self.event);
        let action = if name.is_absent() { Action::Other } else { Action::Reached };
        let kind = Kind::new(Entity::Workflow, action);
        let subject = optional_text(self.email);
        if context.require_name_or_subject && name.is_absent() && subject.is_absent() {
            return Err(ElementFault { at: element.at, problem: Problem::NoEventOrEmail, field: "/event" });
        }
        Ok(Entry { subject, ..Entry::new(Family::BentoWorkflow, element.span(), name, kind) })
    }
}

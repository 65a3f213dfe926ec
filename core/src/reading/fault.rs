//! What can be wrong with one element.

use crate::{payload::scan::Fault, rejection::Problem};

/// What is wrong with an element, and with which of its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ElementFault {
    pub(crate) at: usize,
    pub(crate) problem: Problem,
    /// The field as the end of a JSON Pointer, such as `/body/ticket_id`; empty for the element itself.
    pub(crate) field: &'static str,
}

impl From<Fault> for ElementFault {
    fn from(fault: Fault) -> Self {
        Self { at: fault.at, problem: fault.problem, field: "" }
    }
}

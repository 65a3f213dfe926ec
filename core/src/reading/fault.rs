//! A fault of one element.

use crate::{payload::scan::Fault, rejection::Problem};

/// The problem of an element, and the field that has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ElementFault {
    pub(crate) at: usize,
    pub(crate) problem: Problem,
    /// The field as a JSON Pointer suffix, such as `/body/ticket_id`. Empty for the element itself.
    pub(crate) field: &'static str,
}

impl From<Fault> for ElementFault {
    fn from(fault: Fault) -> Self {
        Self { at: fault.at, problem: fault.problem, field: "" }
    }
}

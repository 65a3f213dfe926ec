//! The parts of a delivery that the vendor's signature covers.

use core::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{freshness::Timestamp, words::words};

/// The parts of a delivery that the vendor's signature covers. It prints as `body signed, time unsigned, name signed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assurance {
    /// How far the body can be trusted.
    pub body: Coverage,
    /// How far the time can be trusted.
    pub time: Coverage,
    /// How far the vendor's name for each event, and so its kind, can be trusted.
    pub name: Coverage,
}

impl Assurance {
    pub(crate) fn of(body_is_signed: bool, time_is_signed: bool, time: Option<Timestamp>) -> Self {
        let by_signature = if body_is_signed { Coverage::Signed } else { Coverage::Unsigned };
        let time = Coverage::of_time(time, time_is_signed);
        Self { body: by_signature, time, name: by_signature }
    }
}

impl fmt::Display for Assurance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "body {}, time {}, name {}", self.body, self.time, self.name)
    }
}

impl Serialize for Assurance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Assurance", 3)?;
        fields.serialize_field("body", &self.body)?;
        fields.serialize_field("time", &self.time)?;
        fields.serialize_field("name", &self.name)?;
        fields.end()
    }
}

words! {
    /// Whether the vendor's signature covers a part of a delivery.
    Coverage {
        /// Covered: nobody without the key can have changed it.
        Signed = "signed",
        /// Not covered: anybody who could read or relay the request could have changed it.
        Unsigned = "unsigned",
        /// Not present.
        Absent = "absent",
    }
}

impl Coverage {
    pub(crate) fn of_time(time: Option<Timestamp>, is_signed: bool) -> Self {
        match time {
            None => Self::Absent,
            Some(_) if is_signed => Self::Signed,
            Some(_) => Self::Unsigned,
        }
    }
}

use core::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{freshness::Timestamp, kind::words};

/// What the vendor's signature covers. It prints as `body signed, time unsigned`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assurance {
    /// How far the body can be trusted.
    pub body: Coverage,
    /// How far the time can be trusted.
    pub time: Coverage,
}

impl fmt::Display for Assurance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "body {}, time {}", self.body, self.time)
    }
}

impl Serialize for Assurance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Assurance", 2)?;
        fields.serialize_field("body", &self.body)?;
        fields.serialize_field("time", &self.time)?;
        fields.end()
    }
}

words! {
    /// Whether a part of a delivery is covered by the vendor's signature.
    Coverage {
        /// Covered: whoever does not know the key cannot have changed it.
        Signed = "signed",
        /// Not covered: whoever could read or relay the request could have changed it.
        Unsigned = "unsigned",
        /// Not there at all.
        Absent = "absent",
    }
}

impl Coverage {
    /// No vendor signs a time.
    pub(crate) fn of_time(time: Option<Timestamp>) -> Self {
        if time.is_some() { Self::Unsigned } else { Self::Absent }
    }
}

//! The subject, the parent and the actor of an event.

use core::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{kind::Entity, payload::Text};

/// Whom or what an event is about. It prints as `entity/id`, or as the entity alone if the id is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject<'a> {
    /// What kind of thing it is.
    pub entity: Entity,
    /// Its id at the vendor, exactly as written; for an integer, its digits.
    pub id: Option<Text<'a>>,
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            Some(id) => write!(f, "{}/{id}", self.entity),
            None => self.entity.fmt(f),
        }
    }
}

impl Serialize for Subject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Subject", 2)?;
        fields.serialize_field("entity", &self.entity)?;
        fields.serialize_field("id", &self.id)?;
        fields.end()
    }
}

//! The inbox: deliveries are stored in the user's database before they are answered, and handled later.
//!
//! The crate does no input or output, so this module has the parts that every language needs, and no connection: the
//! tables, the [`Statements`] for PostgreSQL and SQLite, and the [`SETTINGS`] with their ranges. The packages for
//! Python and Node run the same statements on the same table. `core/docs/inbox.md` says what the inbox promises, and
//! `services/axum` in the repository is a service in Rust with its worker.
//!
//! A row holds the record of a delivery, and the body in a column of its own:
//! [`Delivery::to_record_without_body`](crate::Delivery::to_record_without_body) and
//! [`from_trusted_record_and_body`](crate::from_trusted_record_and_body).
//!
//! From the ground up: statements, postgresql, sqlite, settings.

mod postgresql;
mod settings;
mod sqlite;
mod statements;

pub use postgresql::POSTGRESQL;
pub use settings::{SETTINGS, Setting};
pub use sqlite::SQLITE;
pub use statements::{Statements, numbered};

/// The version of the table that the statements are for. The `version` statement reads that of a table.
pub const INBOX_VERSION: u32 = 1;

/// The longest name of an inbox, in characters.
pub const LONGEST_INBOX_NAME: usize = 100;

/// Whether an inbox can have this name: 1 to 100 ASCII letters, digits, `.`, `_` and `-`.
#[must_use]
pub fn is_inbox_name(name: &str) -> bool {
    let is_allowed =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-');
    (1..=LONGEST_INBOX_NAME).contains(&name.len()) && name.chars().all(is_allowed)
}

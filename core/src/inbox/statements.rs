//! The statements that an inbox runs, by their purposes.

use alloc::{string::String, vec::Vec};

/// Declares the statements, and a list of them by their names.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// The statements of an inbox for one kind of database. Parameters are written as `:name`; [`numbered`] makes
        /// `$1`, `$2` … of them. Every statement is committed before the next step, unless its documentation says
        /// otherwise.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Statements { $($(#[$doc])* pub $name: &'static str,)+ }

        impl Statements {
            /// Each statement with its name.
            pub fn all(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
                [$((stringify!($name), self.$name),)+].into_iter()
            }
        }
    };
}

statements! {
    /// The documented file that makes the tables. The inbox never runs it: run it with your migrations.
    tables,
    /// What a new connection needs before its first transaction. Empty if nothing.
    connect,
    /// Begins a transaction of the inbox.
    begin,
    /// → `version` of the table, or no row. It fails if there is no table.
    version,
    /// Stores a delivery → `number` of the row. No row: the key is held. Then run `free` and `put` once more, whatever
    /// `free` returns; no row again: a duplicate. `:inbox`, `:key` (without a replay key draw 128 bits at random and keep
    /// them for 3,600 s, so that a second attempt after a broken connection is a duplicate), `:retention_seconds` (`NULL`,
    /// or more than 2^32 - 1: without end), `:record`, `:body`, and on PostgreSQL `:lock_timeout_milliseconds` (`NULL`: as
    /// the transaction has it).
    put,
    /// Takes the key of a row away whose retention has ended. `:inbox`, `:key`, and on PostgreSQL
    /// `:lock_timeout_milliseconds`.
    free,
    /// → a row if an inbox holds this key within its retention. `:inbox`, `:key`.
    has_key,
    /// → how many rows wait or are taken, counted up to `:max_waiting`. `:inbox`.
    waiting,
    /// Wakes the workers that listen. It runs after the commit of `put`. Empty if the database cannot. `:inbox`.
    wake,
    /// What a worker that waits for `wake` runs. Empty if the database cannot.
    listen,
    /// Takes rows that nobody has taken yet, and counts the attempt → `number`, `turn`, `attempts`, `state`, `error`,
    /// `record`, `body`, in no order. `:inbox`, `:rows_per_take`, `:max_attempts`, `:lease_seconds`.
    take,
    /// Takes a row likewise, whether or not it was taken before. A row whose lease ended at its last attempt comes as
    /// `dead`: its handler may have ended the process. As `take`, without `:rows_per_take`.
    take_one,
    /// Says that a row has been handled → a row. It is the **first** statement of the handler's transaction. If there is
    /// no row, another worker has it: roll back. `:number`, `:turn`, and on PostgreSQL `:handler_limit_seconds`: each
    /// later statement of the transaction, and each time between two, ends after so long (`NULL`: as the transaction has
    /// it).
    done,
    /// Says so of a row that nobody took, because a queue has its number → `record`, `body`; no row if it has been
    /// handled. It is the first statement of the job's transaction. `:inbox`, `:number`.
    done_by_number,
    /// Says that the handler failed → `state`: `waiting`, or `dead` after the last attempt. `:number`, `:turn`,
    /// `:error`, `:max_attempts`, `:first_delay_seconds`, `:longest_delay_seconds`.
    fail,
    /// Gives a row back that no handler has begun, without the attempt → a row. `:number`, `:turn`, `:delay_seconds`.
    give_back,
    /// → `number`, `turn`, `attempts`, `state`, `error`, `record`, `body` of rows that are dead, in order. `:inbox`,
    /// `:after` (a number), `:rows`.
    dead,
    /// Makes a dead or done row wait again → a row; none if there is no such row, or if only its key is left. `:inbox`,
    /// `:number`.
    retry,
    /// Deletes up to 1,000 done rows whose keys are no longer needed → their numbers. Repeat it until it deletes fewer.
    /// It reads no row that `prune_bodies` has emptied before its key ends. `:inbox`, `:keep_done_seconds`.
    prune,
    /// Empties up to 1,000 done rows whose keys are still needed → their numbers. Repeat it likewise. `:inbox`,
    /// `:keep_done_seconds`.
    prune_bodies,
    /// → `waiting`, `taken`, `done`, `dead`, and in seconds or `NULL` `oldest_waiting_seconds` and
    /// `oldest_transaction_seconds`: a transaction that stays open slows every `take`. `:inbox`.
    counts,
}

/// A statement with `$1`, `$2` … in place of the named parameters, and the names in that order.
///
/// ```
/// use hookseal::inbox::{POSTGRESQL, numbered};
///
/// let (text, names) = numbered(POSTGRESQL.done_by_number);
/// assert!(text.contains("number = $2 AND state = 'waiting'"));
/// assert_eq!(names, ["inbox", "number"]);
/// ```
#[must_use]
pub fn numbered(statement: &'static str) -> (String, Vec<&'static str>) {
    let (mut text, mut names) = (String::new(), Vec::new());
    let mut parts = statement.split(':');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find(|character: char| !(character.is_ascii_lowercase() || character == '_'));
        let (name, rest) = part.split_at(end.unwrap_or(part.len()));
        let place = names.iter().position(|known| *known == name).unwrap_or_else(|| {
            names.push(name);
            names.len() - 1
        });
        text.push('$');
        text.push_str(itoa::Buffer::new().format(place + 1));
        text.push_str(rest);
    }
    (text, names)
}

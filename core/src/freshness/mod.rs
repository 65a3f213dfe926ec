//! When a request was made, and whether that is recent enough.
//!
//! Each date format is a module with a `parse`, which takes bytes of any length, in linear time, and returns `None` for
//! any other form. Nothing here reads a clock: the current time is an argument.
//!
//! ```
//! use hookseal::freshness::http_date;
//! use hookseal::{Timestamp, Window};
//!
//! let time = http_date::parse(b"Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
//! let now = Timestamp::from_unix_seconds(784_111_777 + 300).unwrap();
//! assert!(Window::seconds(300, 300).check(time, now).is_ok());
//! assert!(Window::seconds(299, 300).check(time, now).is_err());
//! ```

mod timestamp;
mod window;

pub mod compact;
pub mod http_date;
pub mod rfc3339;
pub mod spaced;
pub mod unix;

mod civil;
mod date_fields;
mod time_location;

pub(crate) use time_location::{HeaderTime, ParseTime, TimeLocation};
pub use timestamp::Timestamp;
pub use window::Window;

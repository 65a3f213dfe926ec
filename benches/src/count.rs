//! Walks one path once, for `instructions.py` to count its instructions under callgrind.
//!
//!     PROGRAM             # prints the names of the paths
//!     PROGRAM PATH        # walks the path

use std::process::ExitCode;

/// The preparation of a path, which is not counted. It returns the path, which says whether it had its outcome.
pub type Prepare = fn() -> Box<dyn Fn() -> bool>;

/// The `main` of a program with these paths.
///
/// # Panics
///
/// A path has another outcome.
#[must_use]
pub fn walk(paths: &[(&str, Prepare)]) -> ExitCode {
    let Some(wanted) = std::env::args().nth(1) else {
        paths.iter().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    };
    let Some((name, prepare)) = paths.iter().find(|(name, _)| *name == wanted) else {
        eprintln!("no path {wanted}");
        return ExitCode::FAILURE;
    };
    let path = prepare();
    // Once uncounted: the program asks only once what the processor can do.
    assert!(path(), "{name} has its outcome");
    assert!(counted_path(&*path), "{name} has its outcome");
    ExitCode::SUCCESS
}

/// Callgrind counts what runs inside the function of this name.
// SAFETY: no other function of these programs, and none of a library that they link, has this name.
#[unsafe(no_mangle)]
#[inline(never)]
fn counted_path(path: &dyn Fn() -> bool) -> bool {
    path()
}

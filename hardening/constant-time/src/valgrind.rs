//! Valgrind's memcheck runs this program: no branch and no address of the core's authentication depends on a key, a
//! secret or an expected tag, up to the verdict.
//!
//! It calls the compiled core through the hidden module `internals`. Each case marks its secret as undefined. Memcheck
//! reports each branch and each address that depends on it, and the case asks for their number. The cases with the
//! prefix `leak` are controls: a comparison that stops early, and others like it. Memcheck must find them.
//!
//!     valgrind -q target/release/valgrind CASE
//!
//! Under Valgrind the processor has no SHA instructions, so the portable SHA-256 runs. The SHA instructions take the
//! same time for any operand.

mod cases;
mod client;

fn main() {
    let case = std::env::args().nth(1).unwrap_or_default();
    if case.is_empty() {
        cases::ALL.iter().for_each(|(name, _)| println!("{name}"));
        return;
    }
    let Some((name, run)) = cases::ALL.iter().find(|(name, _)| *name == case) else {
        eprintln!("no case {case}");
        std::process::exit(2);
    };
    if !client::is_running() {
        eprintln!("this proves nothing without Valgrind: valgrind -q {name}");
        std::process::exit(2);
    }
    println!("{} {name}", run());
}

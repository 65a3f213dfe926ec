//! Run by Valgrind's memcheck: no branch and no address of the core's authentication depends on a key, a secret or an
//! expected tag, up to the verdict.
//!
//! It is built of the core's own files, so that the core stays without `unsafe`. Each case marks what is secret as
//! undefined; memcheck reports each branch and address that depends on it, and the case asks for their number.
//! `leak_…` are controls: a comparison that stops early and others like it, which must be found.
//!
//!     valgrind -q target/release/valgrind CASE
//!
//! Under Valgrind the processor has no SHA instructions, so this is the portable SHA-256; with them, what
//! depends on a secret are operands of instructions that take the same time for any.

// What the core's files name as `crate::…`.
pub(crate) use hookseal::Timestamp;

mod freshness {
    pub(crate) use hookseal::Timestamp;
}

mod setup_error {
    pub(crate) use hookseal::SetupError;
}

extern crate alloc;

#[path = "../../../core/src/kind.rs"]
#[expect(dead_code, unreachable_pub, reason = "only the macro for enums of words is used")]
mod kind;

#[path = "../../../core/src/authenticate"]
#[expect(dead_code, unreachable_pub, reason = "the core uses more of these files than the cases do")]
mod authenticate {
    mod authorization;
    mod hmac_sha256;
    mod keys;
    mod mistakes;
    mod ring;
    mod shared_secret;
    mod signature;

    #[path = "../../../hardening/constant-time/src/cases.rs"]
    pub(crate) mod cases;
}
mod client;

fn main() {
    let case = std::env::args().nth(1).unwrap_or_default();
    if case.is_empty() {
        authenticate::cases::ALL.iter().for_each(|(name, _)| println!("{name}"));
        return;
    }
    let Some((name, run)) = authenticate::cases::ALL.iter().find(|(name, _)| *name == case) else {
        eprintln!("no case {case}");
        std::process::exit(2);
    };
    if !client::is_running() {
        eprintln!("this proves nothing without Valgrind: valgrind -q {name}");
        std::process::exit(2);
    }
    println!("{} {name}", run());
}

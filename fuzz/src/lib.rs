//! The checks of the fuzz targets. Each is a function of any bytes that panics if a promise does not hold.
//!
//! A module is a target. It reads its bytes with [`input`], and compares hookseal with [`oracle`], which shares no code
//! with the core and is written to be obvious. [`names`] has the oracle for ids and keys, and [`bento`] that for the
//! shapes of Bento's bodies. [`seeds`] makes first inputs from the conformance vectors, and [`vectors`] makes vectors
//! from inputs.
//!
//! From the ground up: input, oracle, names, dates, window, payload, signature_header, authorization_header, key_ring,
//! receive, normalization, vectors, bento, receive_benji, receive_benti, receive_bento, record, outgoing, seeds.

pub mod bento;
pub mod input;
pub mod names;
pub mod oracle;
pub mod seeds;
pub mod vectors;

pub mod authorization_header;
pub mod dates;
pub mod key_ring;
pub mod normalization;
pub mod outgoing;
pub mod payload;
pub mod receive;
pub mod receive_benji;
pub mod receive_benti;
pub mod receive_bento;
pub mod record;
pub mod signature_header;
pub mod window;

/// The function of a target. It panics if a promise does not hold for the bytes.
pub type Check = fn(&[u8]);

/// The targets by name, with the minutes of a long run for each.
pub const TARGETS: [(&str, Check, u32); 12] = [
    ("signature_header", signature_header::check, 5),
    ("authorization_header", authorization_header::check, 5),
    ("dates", dates::check, 5),
    ("window", window::check, 5),
    ("payload", payload::check, 30),
    ("receive_benji", receive_benji::check, 30),
    ("receive_benti", receive_benti::check, 30),
    ("receive_bento", receive_bento::check, 30),
    ("normalization", normalization::check, 5),
    ("key_ring", key_ring::check, 5),
    ("record", record::check, 10),
    ("outgoing", outgoing::check, 5),
];

/// The `main` of a target: the fuzzing engine's, or without the engine one that reads the given files.
#[cfg(feature = "libfuzzer")]
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        libfuzzer_sys::fuzz_target!(|data: &[u8]| hookseal_fuzz::$name::check(data));
    };
}

/// The `main` of a target: the fuzzing engine's, or without the engine one that reads the given files.
#[cfg(not(feature = "libfuzzer"))]
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        fn main() -> std::io::Result<()> {
            for file in std::env::args().skip(1) {
                println!("{file}");
                hookseal_fuzz::$name::check(&std::fs::read(file)?);
            }
            Ok(())
        }
    };
}

//! The requests that a program can send to the Valgrind that runs it (`valgrind.h`, amd64): a sequence of instructions
//! that does nothing on a processor.

use std::{arch::asm, hint::black_box};

fn request(code: u64, arguments: [u64; 2]) -> u64 {
    let block = [code, arguments[0], arguments[1], 0, 0, 0];
    let mut answer = 0_u64;
    // SAFETY: the rotations add up to 128 bits, so `rdi` keeps its value, and `rbx` is exchanged with itself. Valgrind
    // reads the six words at `rax`, which live to the end of this function, and writes nothing but `rdx`.
    unsafe {
        asm!("rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
            inout("rdx") answer, in("rax") block.as_ptr(), inout("rdi") 0_u64 => _, options(nostack));
    }
    answer
}

const RUNNING_ON_VALGRIND: u64 = 0x1001;
const COUNT_ERRORS: u64 = 0x1201;
const MAKE_MEM_UNDEFINED: u64 = 0x4d43_0001;
const MAKE_MEM_DEFINED: u64 = 0x4d43_0002;

pub(crate) fn is_running() -> bool {
    request(RUNNING_ON_VALGRIND, [0, 0]) != 0
}

/// How many times so far a branch or an address depended on a secret.
pub(crate) fn findings() -> u64 {
    request(COUNT_ERRORS, [0, 0])
}

/// Marks these bytes, and everything that is computed from them, as secret. The compiler does not know their number, so
/// it builds code for any number.
pub(crate) fn secret(bytes: &[u8]) -> &[u8] {
    let bytes = black_box(bytes);
    request(MAKE_MEM_UNDEFINED, [bytes.as_ptr().addr() as u64, bytes.len() as u64]);
    black_box(bytes)
}

/// Marks these bytes as known. This is for the verdict, and for a signature that was received.
pub(crate) fn declare<const LENGTH: usize>(bytes: [u8; LENGTH]) -> [u8; LENGTH] {
    let bytes = black_box(bytes);
    request(MAKE_MEM_DEFINED, [bytes.as_ptr().addr() as u64, LENGTH as u64]);
    black_box(bytes)
}

//! Prints the inputs that stand for whole requests as vectors, one a line: the seeds, the inputs that are kept in the
//! repository, and what earlier runs left in `corpus/`.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::Path,
};

use hookseal_fuzz::{TARGETS, seeds, vectors};

fn main() -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for (target, ..) in TARGETS.iter().filter(|(target, ..)| target.starts_with("receive_")) {
        let mut inputs = seeds::of(target)?;
        inputs.extend(seeds::kept(target)?);
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        if corpus.exists() {
            let files = seeds::files_below(&corpus)?;
            inputs.extend(files.iter().map(fs::read).collect::<io::Result<Vec<_>>>()?);
        }
        inputs.sort_unstable();
        inputs.dedup();
        for input in inputs {
            if let Some(vector) = vectors::of(target, &input) {
                writeln!(out, "{vector}")?;
            }
        }
    }
    out.flush()
}

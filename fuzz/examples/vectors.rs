//! Prints inputs that are whole requests as vectors, one in each line: the seeds, the kept inputs in the repository,
//! and the inputs that earlier runs left in `corpus/`.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::Path,
};

use hookseal_fuzz::{receive_benji, receive_benti, receive_bento, seeds, vectors::Written};

/// A function that makes a vector of an input.
type ToVector = fn(&[u8]) -> Written<'_>;

/// The targets that take whole requests.
const TARGETS: [(&str, ToVector); 3] = [
    ("receive_benji", receive_benji::vector),
    ("receive_benti", receive_benti::vector),
    ("receive_bento", receive_bento::vector),
];

fn main() -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for (target, to_vector) in TARGETS {
        let mut inputs = seeds::of(target)?;
        inputs.extend(seeds::kept(target)?);
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        if corpus.exists() {
            let files = seeds::files_below(&corpus)?;
            inputs.extend(files.iter().map(fs::read).collect::<io::Result<Vec<_>>>()?);
        }
        inputs.sort_unstable();
        inputs.dedup();
        for (number, input) in inputs.iter().enumerate() {
            let mut vector = to_vector(input);
            vector.name = format!("{target}/{number}");
            // The data of a CloudEvent can hold line feeds, which are white space in JSON.
            writeln!(out, "{}", serde_json::to_string(&vector)?.replace(['\n', '\r'], " "))?;
        }
    }
    out.flush()
}

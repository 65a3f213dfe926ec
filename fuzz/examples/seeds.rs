//! Writes the seeds and the kept inputs of every target into `corpus/<target>/`, beside the files that are there.

use std::{fs, io, path::Path};

use hookseal_fuzz::{TARGETS, seeds};

fn main() -> io::Result<()> {
    for (target, ..) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        let (seeds, kept) = (seeds::of(target)?, seeds::kept(target)?);
        for (at, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{at}")), seed)?;
        }
        for (at, input) in kept.iter().enumerate() {
            fs::write(folder.join(format!("kept-{at}")), input)?;
        }
        println!("{target}: {} seeds, {} kept inputs", seeds.len(), kept.len());
    }
    Ok(())
}

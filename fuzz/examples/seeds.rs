//! Writes the first inputs of every target into `corpus/<target>/`, beside what is there.

use std::{fs, io, path::Path};

use hookseal_fuzz::{TARGETS, seeds};

fn main() -> io::Result<()> {
    for (target, ..) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        let seeds = seeds::of(target)?;
        for (at, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{at}")), seed)?;
        }
        println!("{target}: {} seeds", seeds.len());
    }
    Ok(())
}

//! Makes the first inputs of the targets from the conformance vectors.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hookseal::Received;

use crate::{
    outgoing,
    vectors::vector::{self, Vector},
};

/// The largest body of a seed. Larger ones reach no more code, and make every change of the fuzzer slow.
const LARGEST_SEED_BYTES: usize = 4_096;

/// The kept inputs of a target in `kept/<target>.hex`: inputs that once broke a promise, each below a comment that
/// names the promise, and inputs that together reach what a long run reached.
pub fn kept(target: &str) -> io::Result<Vec<Vec<u8>>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("kept").join(format!("{target}.hex"));
    let text = if file.exists() { fs::read_to_string(file)? } else { String::new() };
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let digits: Option<Vec<u8>> = line
                .chars()
                .map(|digit| digit.to_digit(16).and_then(|digit| digit.try_into().ok()))
                .collect();
            let (pairs, rest) = digits.as_deref().unwrap_or(&[0]).as_chunks::<2>();
            if !rest.is_empty() {
                return Err(io::Error::other(format!("kept/{target}.hex: {line} is not hexadecimal")));
            }
            Ok(pairs.iter().map(|[high, low]| high << 4 | low).collect())
        })
        .collect()
}

/// The inputs of a target that the vectors give, without duplicates.
pub fn of(target: &str) -> io::Result<Vec<Vec<u8>>> {
    let mut seeds = Vec::new();
    for vector in vector::all().map_err(io::Error::other)? {
        add_to(target, &vector, &mut seeds).map_err(io::Error::other)?;
    }
    if target == "window" || target == "key_ring" {
        seeds.extend((0..64).map(|step: u8| (0..72).map(|at: u8| at.wrapping_mul(step)).collect()));
    }
    if target == "outgoing" {
        seeds.extend(outgoing::seeds()?);
    }
    seeds.retain(|seed| seed.len() <= LARGEST_SEED_BYTES);
    seeds.sort_unstable();
    seeds.dedup();
    Ok(seeds)
}

pub fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Adds the inputs that the vector gives for the target.
fn add_to(target: &str, vector: &Vector, seeds: &mut Vec<Vec<u8>>) -> Result<(), String> {
    let body = vector.body().map_err(|error| error.to_string())?;
    match target {
        "payload" => seeds.push(body),
        "record" => {
            if let Ok(Received::Delivery(delivery)) = vector.run()? {
                seeds.push(delivery.to_record().into_bytes());
            }
        }
        "normalization" => {
            let vendor = ["benji", "benti", "bento"].iter().position(|vendor| *vendor == vector.vendor);
            let choice = u8::try_from(vendor.unwrap_or_default()).unwrap_or_default();
            seeds.push([&[choice], body.as_slice()].concat());
        }
        "dates" => {
            let is_date = |name: &str| {
                ["x-benji-timestamp", "x-webhook-datetime"].contains(&name.to_ascii_lowercase().as_str())
            };
            for (_, value) in vector.headers.iter().filter(|(name, _)| is_date(name)) {
                seeds.push([&[0], latin1(value).as_slice()].concat());
            }
            let body_text = String::from_utf8_lossy(&body);
            for rest in body_text.split(r#""date":""#).skip(1) {
                seeds.push([&[0], rest.split('"').next().unwrap_or_default().as_bytes()].concat());
            }
            seeds.push([&[128 + (body.len() % 6) as u8], &body.len().to_le_bytes()[..]].concat());
        }
        "signature_header" => {
            for (_, value) in
                vector.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("x-benji-signature"))
            {
                seeds.push([&[0, 0], latin1(value).as_slice()].concat());
            }
            seeds.push(vec![4 + (body.len() % 3) as u8 * 8, 0]);
        }
        "authorization_header" => {
            let names = ["authorization", "x-hook-signature", "x-own"];
            for (name, value) in &vector.headers {
                let Some(at) = names.iter().position(|other| name.eq_ignore_ascii_case(other)) else {
                    continue;
                };
                for scheme in if at == 0 { [0, 1] } else { [3, 2] } {
                    seeds.push([&[scheme, 3], b"key".as_slice(), &[6], b"secret", &latin1(value)].concat());
                }
            }
        }
        receive if receive.strip_prefix("receive_") == Some(&vector.vendor) => {
            let method = if vector.method == "GET" { 4 } else { 0 };
            let options = &vector.options;
            let bit = |is_set: bool, bit: u8| if is_set { bit } else { 0 };
            let naming = match options.replay_policy.as_deref() {
                Some("strict") => 64,
                Some("none") => 128,
                _ => bit(options.id_key.is_some(), 192),
            };
            let bits = naming
                | match vector.vendor.as_str() {
                    "benji" => {
                        bit(options.signature_encoding.is_some(), 2)
                            | bit(options.allow_missing_date, 4)
                            | bit(options.window.is_some(), 24)
                            | bit(options.require_signed_time, 32)
                    }
                    "benti" => {
                        bit(options.allow_unsigned_handshake, 2)
                            | bit(options.window.is_some(), 4)
                            | bit(options.utc_offset_minutes.is_some(), 8)
                    }
                    _ => 2,
                };
            let mut request = Vec::new();
            for (name, value) in &vector.headers {
                request.extend([name.as_bytes(), b": ", &latin1(value), b"\n"].concat());
            }
            request.extend(b"\n");
            request.extend(&body);
            // Without a change; with the right signature in place; with that and small limits; and for Benji also with
            // the signature of the other scheme, and with all headers of the older one.
            let mut choices = vec![(0, 0), (1, 0), (65, 1)];
            if vector.vendor == "benji" {
                choices.extend([(33, 0), (97, 0)]);
            }
            for (choice, limits) in choices {
                let (choices, bits) = (method | choice, bits | limits);
                seeds.push([&[choices, bits], request.as_slice()].concat());
            }
        }
        _ => {}
    }
    Ok(())
}

/// The bytes of a header's text.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TARGETS;

    #[test]
    fn every_seed_and_every_kept_input_keeps_all_promises() {
        for (target, check, _) in TARGETS {
            let seeds = of(target).unwrap();
            assert!(seeds.len() >= 20, "{target} has {} seeds", seeds.len());
            for seed in &seeds {
                check(seed);
            }
            let kept = kept(target).unwrap();
            for input in &kept {
                println!("{target}: {}", input.escape_ascii());
                check(input);
            }
            println!("{target}: {} seeds, {} kept inputs", seeds.len(), kept.len());
        }
    }

    #[test]
    fn every_target_is_a_separate_program() {
        let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz_targets");
        let programs = files_below(&targets).unwrap();
        let names: Vec<_> = programs.iter().map(|file| file.file_stem().unwrap().to_str().unwrap()).collect();
        let mut expected = TARGETS.map(|(name, ..)| name);
        expected.sort_unstable();
        assert_eq!(names, expected);
    }
}

//! Reads recorded requests and prints what hookseal makes of them.
//!
//! ```text
//! cargo run --example receive                      one request of every kind, from core/conformance
//! cargo run --example receive -- FILE|FOLDER ...   these requests
//! cargo run --example receive -- --json ...        the events as CloudEvents, a line each
//! ```
//!
//! `core/conformance/README.md` states the form of the files. The exit status is 0 when each verdict is the one
//! that its file expects.

#[path = "../tests/vector/mod.rs"]
mod vector;

use std::{
    collections::BTreeMap,
    env,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use hookseal::Received;
use vector::{Outcome, Refusal, Vector};

/// A genuine delivery of every payload family, the handshake, and refusals with their reasons.
const TOUR: [&str; 15] = [
    "benji/signed_date/imf_fixdate",
    "benji/signature/hex_lower_case",
    "benti/api_object/reply_add",
    "benti/instance/answer",
    "bento/captures/node2_batch_events",
    "bento/captures/node2_batch_subscribers",
    "bento/captures/node2_batch_emails",
    "bento/captures/node2_cmd_add_tag",
    "bento/workflow/documented_sample",
    "bento/malformed/email_absent",
    "benti/handshake/signed",
    "benji/mismatch/altered_body",
    "benji/window/301_seconds_old",
    "bento/json/template_unescaped_quote",
    "benti/nothing_readable/events_numbers",
];

fn main() -> ExitCode {
    let (flags, paths): (Vec<String>, Vec<String>) =
        env::args().skip(1).partition(|word| word.starts_with("--"));
    let as_json = flags.iter().any(|flag| flag == "--json");
    if let Some(unknown) = flags.iter().find(|flag| *flag != "--json") {
        eprintln!("{unknown} is not known; the only option is --json, everything else is a file or a folder");
        return ExitCode::FAILURE;
    }
    match vectors(&paths).and_then(|vectors| show_all(&mut io::stdout().lock(), &vectors, as_json)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(unexpected) => {
            eprintln!("{unexpected} requests had another outcome than their files expect");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn vectors(paths: &[String]) -> Result<Vec<Vector>, String> {
    if paths.is_empty() {
        return named(&TOUR);
    }
    let read: Result<Vec<_>, _> = paths.iter().map(|path| vector::below(Path::new(path))).collect();
    Ok(read?.into_iter().flatten().collect())
}

/// The project's vectors of these names.
pub(crate) fn named(names: &[&str]) -> Result<Vec<Vector>, String> {
    let mut all: BTreeMap<String, Vector> =
        vector::all()?.into_iter().map(|vector| (vector.name.clone(), vector)).collect();
    names.iter().map(|name| all.remove(*name).ok_or(format!("there is no {name}"))).collect()
}

/// Shows each request, and tells how many had another outcome than expected.
pub(crate) fn show_all(output: &mut impl Write, vectors: &[Vector], as_json: bool) -> Result<usize, String> {
    let mut unexpected = 0;
    for vector in vectors {
        let outcome = vector.run()?;
        let differences = vector.differences(&outcome);
        let show = if as_json { show_cloudevents } else { show_table };
        show(output, vector, &outcome).map_err(|error| error.to_string())?;
        for difference in &differences {
            eprintln!("{}: {difference}", vector.name);
        }
        unexpected += usize::from(!differences.is_empty());
    }
    Ok(unexpected)
}

fn show_cloudevents(output: &mut impl Write, _: &Vector, outcome: &Outcome) -> io::Result<()> {
    let Ok(Received::Delivery(delivery)) = outcome else { return Ok(()) };
    delivery
        .events()
        .try_for_each(|event| writeln!(output, "{}", one_line(&event.to_cloudevent().to_string())))
}

/// The same JSON on one line, with escapes for the characters that would steer a terminal.
pub(crate) fn one_line(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            // They are outside of strings, where JSON allows them.
            '\n' | '\r' | '\t' => line.push(' '),
            '"' | '\'' | '\\' => line.push(character),
            _ if character.escape_debug().count() == 1 => line.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    line.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    line
}

fn show_table(output: &mut impl Write, vector: &Vector, outcome: &Outcome) -> io::Result<()> {
    let vendor = &vector.vendor;
    writeln!(output, "{}: {}", vector.name, vector.about)?;
    match outcome {
        Ok(Received::Delivery(delivery)) => {
            writeln!(output, "  {vendor:<6} accepted  delivery              {}", delivery.assurance())?;
            for event in delivery {
                let (kind, id) = (event.kind().to_string(), event.id().to_string());
                // The subject is the sender's text: as it is, it could steer the terminal.
                let subject = format!("{:?}", event.subject().to_string());
                let time = event.time().map_or("-".to_owned(), |time| time.to_string());
                writeln!(output, "         {kind:<23} {subject:<36} {id:<35} {time}")?;
            }
            for malformed in delivery.malformed() {
                writeln!(output, "         {:<23} {malformed}", "malformed")?;
            }
        }
        Ok(Received::Handshake(reply)) => {
            writeln!(
                output,
                "  {vendor:<6} accepted  handshake             answer {} with the challenge",
                reply.status()
            )?;
        }
        Err(Refusal::Setup(error)) => writeln!(output, "  {vendor:<6} no receiver: {error}")?,
        Err(Refusal::Request(rejection)) => {
            let (code, status) = (rejection.code(), rejection.status());
            writeln!(output, "  {vendor:<6} refused   {code:<21} answer {status}: {rejection}")?;
        }
    }
    Ok(())
}

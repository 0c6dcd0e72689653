//! `inputs`: makes what an invocation of a function sends, and what must lie in storage for it. A tool of the build, no function.

mod make;
mod picture;
mod random;
mod score;
mod text;

use make::{Made, Order};
use sdk::Format;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::{env, fs, process::ExitCode};

const USAGE: &str = "usage: inputs FUNCTION [--payload P] [--format json|cbor|protobuf] [--stored] [--seed S] --out FOLDER
Writes FOLDER/request (the body), FOLDER/inputs.json (what it is); with --stored also FOLDER/object (what lies in storage) and
FOLDER/result (what then must lie there).";

fn parsed(mut words: impl Iterator<Item = String>) -> Result<(Order, PathBuf), String> {
    let function = words.next().filter(|word| !word.starts_with('-')).ok_or("no function is named")?;
    let mut order = Order { function, payload: None, format: Format::Json, stored: false, seed: 42 };
    let mut out = None;
    while let Some(option) = words.next() {
        if option == "--stored" {
            order.stored = true;
            continue;
        }
        let value = words.next().ok_or(format!("{option} needs a value"))?;
        let wrong = || format!("{option}: {value:?} is not what it takes");
        match option.as_str() {
            "--payload" => order.payload = Some(value.parse().map_err(|_| wrong())?),
            "--seed" => order.seed = value.parse().map_err(|_| wrong())?,
            "--format" => order.format = format_named(&value).ok_or_else(wrong)?,
            "--out" => out = Some(PathBuf::from(&value)),
            _ => return Err(format!("unknown option {option:?}")),
        }
    }
    Ok((order, out.ok_or("--out is missing")?))
}

fn format_named(name: &str) -> Option<Format> {
    match name {
        "json" => Some(Format::Json),
        "cbor" => Some(Format::Cbor),
        "protobuf" => Some(Format::Protobuf),
        _ => None,
    }
}

/// inputs.json last: it makes the folder whole.
fn write(order: &Order, made: &Made, folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("request"), &made.request)?;
    for (name, stored) in [("object", &made.object), ("result", &made.result)] {
        if let Some(bytes) = stored {
            fs::write(folder.join(name), bytes)?;
        }
    }
    let description = serde_json::json!({
        "schema": 1,
        "content_type": order.format.content_type(),
        "input_key": order.input_key(),
        "output_key": order.output_key(),
        "payload_bytes": made.content.len(),
        "payload_hash": format!("sha256:{}", hex(&Sha256::digest(&made.content))),
        "digest": format!("{:016x}", made.digest),
    });
    fs::write(folder.join("inputs.json"), format!("{description:#}\n"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn run() -> Result<(), String> {
    let (order, folder) = parsed(env::args().skip(1)).map_err(|message| format!("{message}\n{USAGE}"))?;
    let made = order.make()?;
    write(&order, &made, &folder).map_err(|error| format!("{}: {error}", folder.display()))
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("inputs: {message}");
            ExitCode::from(2)
        }
    }
}

//! `storage-client`: what a run does with its storage between visits, by the functions' own client. Where the storage is, and its
//! credentials, say the variables that instances are given.

use sdk::storage::Storage;
use std::{env, fs, process::ExitCode};

const USAGE: &str = "usage: storage-client fill KEY FILE RESULT_KEY   puts FILE under KEY, and nothing under RESULT_KEY
       storage-client check RESULT_KEY FILE   exit code 1: what lies under RESULT_KEY is not FILE";

/// The storage failed, or this program was used wrongly.
const FAILED: u8 = 3;

fn run(words: &[&str]) -> Result<ExitCode, String> {
    let mut storage = Storage::from_env()?;
    let file = |path: &str| fs::read(path).map_err(|error| format!("{path}: {error}"));
    match words {
        ["fill", key, path, result] => {
            storage.put(key, &file(path)?).map_err(|failure| failure.to_string())?;
            storage.put(result, b"").map_err(|failure| failure.to_string())?;
            Ok(ExitCode::SUCCESS)
        }
        ["check", result, path] => {
            let expected = file(path)?;
            let mut bytes = Vec::new();
            let found = storage.get(result, &mut bytes).map_err(|failure| failure.to_string())?;
            let found = &bytes[found];
            if found == expected {
                return Ok(ExitCode::SUCCESS);
            }
            let same = found.iter().zip(&expected).take_while(|(a, b)| a == b).count();
            eprintln!("{} bytes, expected {}; the first {same} are equal", found.len(), expected.len());
            Ok(ExitCode::from(1))
        }
        _ => Err(USAGE.into()),
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match run(&words.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(FAILED)
        }
    }
}

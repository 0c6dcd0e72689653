//! Where stored objects lie: nowhere (`inline`) or in a folder.

use crate::Failure;
use std::path::PathBuf;
use std::{env, fs, io::Read};

/// What `$LUMOS_STORAGE` names. One per instance.
#[derive(Debug)]
pub struct Storage {
    folder: Option<PathBuf>,
}

impl Storage {
    /// Reads `$LUMOS_STORAGE`: absent or `inline`, or `local:/path`.
    pub fn from_env() -> Result<Storage, String> {
        Self::from_variables(|name| env::var(name).ok())
    }

    pub(crate) fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Storage, String> {
        let place = variable("LUMOS_STORAGE").unwrap_or_default();
        match place.strip_prefix("local:") {
            Some(folder) if folder.starts_with('/') => Ok(Storage { folder: Some(folder.into()) }),
            None if place.is_empty() || place == "inline" => Ok(Storage { folder: None }),
            _ => Err(format!("LUMOS_STORAGE must be inline or local:/path, not {place:?}")),
        }
    }

    /// Replaces what `into` holds by the object. 400: `key` can be no key; 502: the object cannot be had.
    pub fn get(&mut self, key: &str, into: &mut Vec<u8>) -> Result<(), Failure> {
        into.clear();
        let path = self.path(key)?;
        let read = fs::File::open(path).and_then(|mut file| file.read_to_end(into));
        read.map(|_| ()).map_err(|error| Failure::storage(format!("reading {key}: {error}")))
    }

    /// Writes the object, replacing one that is there. 400: `key` can be no key; 502: it cannot be written.
    pub fn put(&mut self, key: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.path(key)?;
        fs::write(path, bytes).map_err(|error| Failure::storage(format!("writing {key}: {error}")))
    }

    fn path(&self, key: &str) -> Result<PathBuf, Failure> {
        check_key(key)?;
        let folder = self.folder.as_ref();
        folder.map(|folder| folder.join(key)).ok_or(Failure::storage("this instance has no storage (LUMOS_STORAGE is inline)"))
    }
}

/// Keys are paths: what a folder, a bucket and Redis take alike, and what leads out of none of them.
fn check_key(key: &str) -> Result<(), Failure> {
    let part = |part: &str| !part.is_empty() && part != "." && part != "..";
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    if key.len() <= 256 && key.bytes().all(letter) && key.split('/').all(part) {
        Ok(())
    } else {
        Err(Failure::bad_request("a key has 1 to 256 of [A-Za-z0-9._-], in parts between single slashes"))
    }
}

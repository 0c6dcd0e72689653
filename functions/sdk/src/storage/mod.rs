//! Where stored objects lie: nowhere (`inline`), in a folder, in Redis, or in an S3-compatible store.

mod redis;
mod s3;
mod server;
mod signature;

use crate::Failure;
use redis::Redis;
use s3::S3;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{env, fs, io::Read};

/// What `$LUMOS_STORAGE` names. One per instance.
#[derive(Debug)]
pub struct Storage(Place);

#[derive(Debug)]
enum Place {
    Nowhere,
    Folder(PathBuf),
    Redis(Redis),
    S3(Box<S3>),
}

impl Storage {
    /// Reads `$LUMOS_STORAGE` and what goes with it (`functions/README.md`, Storage). Connects to nothing yet.
    pub fn from_env() -> Result<Storage, String> {
        Self::from_variables(|name| env::var(name).ok())
    }

    pub(crate) fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Storage, String> {
        let place = variable("LUMOS_STORAGE").unwrap_or_default();
        let place = match place.split_once(':') {
            None if place.is_empty() || place == "inline" => Place::Nowhere,
            Some(("local", folder)) if folder.starts_with('/') => Place::Folder(folder.into()),
            Some(("redis", rest)) => Place::Redis(Redis::from_variables(rest, &variable)?),
            Some(("s3", rest)) => Place::S3(Box::new(S3::from_variables(rest, &variable)?)),
            _ => {
                return Err(format!(
                    "LUMOS_STORAGE must be inline, local:/path, redis://address:port or s3://address:port/bucket, not {place:?}"
                ));
            }
        };
        Ok(Storage(place))
    }

    /// Reads the object into `into`, whose contents it replaces; the object is what lies in the range that is returned, so that
    /// what came before it on the wire need not be moved away. 400: `key` can be no key; 502: the object cannot be had.
    pub fn get(&mut self, key: &str, into: &mut Vec<u8>) -> Result<Range<usize>, Failure> {
        check_key(key)?;
        into.clear();
        let got = match &mut self.0 {
            Place::Nowhere => return Err(nowhere()),
            Place::Folder(folder) => read(&folder.join(key), into).map(|()| 0..into.len()),
            Place::Redis(redis) => redis.get(key, into),
            Place::S3(s3) => s3.get(key, into),
        };
        got.map_err(|why| Failure::storage(format!("reading {key}: {why}")))
    }

    /// Writes the object, replacing one that is there. 400: `key` can be no key; 502: it cannot be written.
    pub fn put(&mut self, key: &str, bytes: &[u8]) -> Result<(), Failure> {
        check_key(key)?;
        let done = match &mut self.0 {
            Place::Nowhere => return Err(nowhere()),
            Place::Folder(folder) => fs::write(folder.join(key), bytes).map_err(|error| error.to_string()),
            Place::Redis(redis) => redis.put(key, bytes),
            Place::S3(s3) => s3.put(key, bytes),
        };
        done.map_err(|why| Failure::storage(format!("writing {key}: {why}")))
    }
}

fn nowhere() -> Failure {
    Failure::storage("this instance has no storage (LUMOS_STORAGE is inline)")
}

fn read(path: &Path, into: &mut Vec<u8>) -> Result<(), String> {
    fs::File::open(path).and_then(|mut file| file.read_to_end(into)).map(|_| ()).map_err(|error| error.to_string())
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

#[cfg(test)]
mod tests;

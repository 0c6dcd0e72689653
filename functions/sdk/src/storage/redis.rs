//! The two commands of Redis that a storage needs, in its protocol RESP2.

use super::server::{Answer, Progress, Server};
use crate::text::push_decimal;
use std::ops::Range;

/// As Redis itself limits a value.
const LARGEST: usize = 512 << 20;
/// Of a line that says a length or an error.
const LONGEST_LINE: usize = 1024;

#[derive(Debug)]
pub(super) struct Redis {
    server: Server,
    greeting: Vec<u8>,
    head: Vec<u8>,
}

impl Redis {
    /// `place` is //ADDRESS:PORT; `LUMOS_REDIS_PASSWORD` may be absent.
    pub(super) fn from_variables(place: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<Redis, String> {
        let server = Server::from_variables("redis", place.trim_start_matches("//"), variable)?;
        let mut greeting = Vec::new();
        if let Some(password) = variable("LUMOS_REDIS_PASSWORD") {
            push_words(&mut greeting, 2, &[b"AUTH", password.as_bytes()]);
        }
        Ok(Redis { server, greeting, head: Vec::new() })
    }

    pub(super) fn get(&mut self, key: &str, into: &mut Vec<u8>) -> Result<Range<usize>, String> {
        self.head.clear();
        push_words(&mut self.head, 2, &[b"GET", key.as_bytes()]);
        match self.ask(b"", b"", into)? {
            Reply::Value(range) => Ok(range),
            Reply::Nothing => Err("redis holds no such key".into()),
            Reply::Done => Err("redis answered a GET with no value".into()),
        }
    }

    pub(super) fn put(&mut self, key: &str, bytes: &[u8]) -> Result<(), String> {
        self.head.clear();
        push_words(&mut self.head, 3, &[b"SET", key.as_bytes()]);
        push_length(&mut self.head, b'$', bytes.len());
        match self.ask(bytes, b"\r\n", &mut Vec::new())? {
            Reply::Done => Ok(()),
            _ => Err("redis answered a SET with a value".into()),
        }
    }

    fn ask(&mut self, body: &[u8], tail: &[u8], into: &mut Vec<u8>) -> Result<Reply, String> {
        let greeted = !self.greeting.is_empty();
        let replies = |first| Replies { greeted: first && greeted };
        self.server.exchange(&self.greeting, [&self.head, body, tail], into, replies)
    }
}

/// A command of `count` words begins with these.
fn push_words(out: &mut Vec<u8>, count: usize, words: &[&[u8]]) {
    push_length(out, b'*', count);
    for word in words {
        push_length(out, b'$', word.len());
        out.extend_from_slice(word);
        out.extend_from_slice(b"\r\n");
    }
}

fn push_length(out: &mut Vec<u8>, kind: u8, length: usize) {
    out.push(kind);
    push_decimal(out, length as u64);
    out.extend_from_slice(b"\r\n");
}

#[derive(Debug, PartialEq)]
pub(super) enum Reply {
    Done,
    Nothing,
    Value(Range<usize>),
}

/// The reply to a command, after the one to the greeting where there was one.
pub(super) struct Replies {
    pub(super) greeted: bool,
}

impl Answer for Replies {
    type Result = Reply;

    fn look(&mut self, bytes: &[u8]) -> Result<Progress<Reply>, String> {
        let mut begin = 0;
        if self.greeted {
            match reply(bytes, 0)? {
                Progress::Whole(_, end) => begin = end,
                Progress::Missing(bytes) => return Ok(Progress::Missing(bytes)),
            }
        }
        reply(bytes, begin)
    }
}

/// The reply that begins at `begin`, and where it ends.
fn reply(bytes: &[u8], begin: usize) -> Result<Progress<Reply>, String> {
    let rest = &bytes[begin..];
    let Some(length) = rest.windows(2).take(LONGEST_LINE).position(|end| end == b"\r\n") else {
        return if rest.len() > LONGEST_LINE {
            Err("redis answered a line without end".into())
        } else {
            Ok(Progress::Missing(64))
        };
    };
    let (line, end) = (&rest[..length], begin + length + 2);
    match line.split_first() {
        Some((b'+', _)) => Ok(Progress::Whole(Reply::Done, end)),
        Some((b'-', text)) => Err(format!("redis says {}", String::from_utf8_lossy(text))),
        Some((b'$', b"-1")) => Ok(Progress::Whole(Reply::Nothing, end)),
        Some((b'$', digits)) => {
            let size =
                std::str::from_utf8(digits).ok().and_then(|text| text.parse::<usize>().ok()).filter(|&size| size <= LARGEST);
            let Some(size) = size else { return Err("redis answered a length that is none".into()) };
            match bytes.get(end + size..end + size + 2) {
                Some(b"\r\n") => Ok(Progress::Whole(Reply::Value(end..end + size), end + size + 2)),
                Some(_) => Err("redis answered a value of another length than it said".into()),
                None => Ok(Progress::Missing(end + size + 2 - bytes.len())),
            }
        }
        _ => Err("redis answered what is no reply".into()),
    }
}

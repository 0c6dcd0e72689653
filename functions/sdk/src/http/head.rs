//! One request head: where it goes and where its body ends. Everything that two servers could read in two ways is refused
//! (request smuggling, RFC 9112 §11.2).

use super::{Fault, MAX_BODY, MAX_HEAD};
use crate::Format;
use httparse::{EMPTY_HEADER, Error, Request, Status};
use std::mem::MaybeUninit;

const MAX_FIELDS: usize = 64;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// `POST /`: the function.
    Invoke,
    /// `GET /healthz`.
    Health,
    /// A known path with another method; holds what `Allow` says.
    NotAllowed(&'static str),
    NotFound,
    /// The head was not understood.
    Unknown,
}

impl Route {
    fn of(method: &str, target: &str) -> Self {
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        match (path, method) {
            ("/", "POST") => Route::Invoke,
            ("/", _) => Route::NotAllowed("POST"),
            ("/healthz", "GET") => Route::Health,
            ("/healthz", _) => Route::NotAllowed("GET"),
            _ => Route::NotFound,
        }
    }
}

/// A head that was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) route: Route,
    pub(crate) format: Format,
    pub(crate) head_bytes: usize,
    pub(crate) body_bytes: usize,
    pub(crate) keep_alive: bool,
    /// The client waits for `100 Continue` before it sends the body.
    pub(crate) expects_continue: bool,
    /// The method is HEAD: the answer has no body.
    pub(crate) wants_no_body: bool,
    /// HTTP/1.0, where keeping the connection must be said.
    pub(crate) http_1_0: bool,
}

impl Head {
    /// Reads the head at the start of `bytes`; `None` while it is incomplete. The verdict does not depend on how the bytes
    /// were split on their way.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Option<Head>, Fault> {
        // Left uninitialised: filling 64 fields costs an interpreter more than parsing a head.
        let mut fields = [const { MaybeUninit::uninit() }; MAX_FIELDS];
        let mut none = [EMPTY_HEADER; 0];
        let mut request = Request::new(&mut none);
        let head_bytes = match request.parse_with_uninit_headers(bytes, &mut fields) {
            Ok(Status::Complete(size)) if size <= MAX_HEAD => size,
            Ok(Status::Partial) if bytes.len() < MAX_HEAD => return Ok(None),
            Ok(_) | Err(Error::TooManyHeaders) => return Err(Fault::HEAD_TOO_LARGE),
            Err(_) => return Err(Fault::MALFORMED),
        };
        let (Some(method), Some(target), Some(version)) = (request.method, request.path, request.version) else {
            return Err(Fault::MALFORMED);
        };
        let route = Route::of(method, target);
        let mut head = Head {
            route,
            format: Format::Json,
            head_bytes,
            body_bytes: 0,
            keep_alive: version == 1,
            expects_continue: false,
            wants_no_body: method == "HEAD",
            http_1_0: version == 0,
        };
        check_line_ends(&bytes[..head_bytes], method, request.headers)
            .and_then(|()| head.read_fields(request.headers))
            .map_err(|fault| fault.on(route))?;
        Ok(Some(head))
    }

    fn read_fields(&mut self, fields: &[httparse::Header]) -> Result<(), Fault> {
        let mut length = None;
        let mut coded = false;
        for field in fields {
            // By length first: most fields are told apart without looking at their letters.
            match field.name.len() {
                14 if field.name.eq_ignore_ascii_case("content-length") => {
                    if length.replace(content_length(field.value)?).is_some() {
                        return Err(Fault::TWO_LENGTHS);
                    }
                }
                12 if field.name.eq_ignore_ascii_case("content-type") => self.format = Format::of(field.value),
                17 if field.name.eq_ignore_ascii_case("transfer-encoding") => coded = true,
                10 if field.name.eq_ignore_ascii_case("connection") => self.read_connection(field.value),
                6 if field.name.eq_ignore_ascii_case("expect") && !self.http_1_0 => {
                    if !field.value.eq_ignore_ascii_case(b"100-continue") {
                        return Err(Fault::EXPECTATION);
                    }
                    self.expects_continue = true;
                }
                _ => {}
            }
        }
        match (coded, length) {
            (true, Some(_)) => Err(Fault::LENGTH_AND_CODING),
            (true, None) => Err(Fault::CODING),
            (false, length) => {
                self.body_bytes = length.unwrap_or(0);
                if self.body_bytes > MAX_BODY { Err(Fault::BODY_TOO_LARGE) } else { Ok(()) }
            }
        }
    }

    fn read_connection(&mut self, value: &[u8]) {
        for option in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
            if option.eq_ignore_ascii_case(b"close") {
                self.keep_alive = false;
                return;
            }
            if option.eq_ignore_ascii_case(b"keep-alive") {
                self.keep_alive = true;
            }
        }
    }
}

/// Digits alone: no sign, no list, no hexadecimal. A number beyond `usize` saturates, and is then too large.
fn content_length(value: &[u8]) -> Result<usize, Fault> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(Fault::BAD_LENGTH);
    }
    Ok(value.iter().fold(0, |sum: usize, digit| sum.saturating_mul(10).saturating_add(usize::from(digit - b'0'))))
}

/// httparse also takes a bare LF for a line's end. The start of each line tells how the one before it ended.
fn check_line_ends(head: &[u8], method: &str, fields: &[httparse::Header]) -> Result<(), Fault> {
    let follows_crlf = |part: &str| {
        let before = &head[..part.as_ptr() as usize - head.as_ptr() as usize];
        before.is_empty() || before.ends_with(b"\r\n")
    };
    let all = follows_crlf(method) && fields.iter().all(|field| follows_crlf(field.name)) && head.ends_with(b"\r\n\r\n");
    if all { Ok(()) } else { Err(Fault::LINE_END) }
}

//! Reading and writing objects of an S3-compatible store: HTTP/1.1, each request signed in its query.

use super::server::{Answer, Progress, Server};
use super::signature::Signer;
use crate::text::push_decimal;
use std::ops::Range;
use std::time::SystemTime;

const MAX_FIELDS: usize = 32;
const MAX_HEAD: usize = 16 << 10;
const LARGEST: usize = 512 << 20;

#[derive(Debug)]
pub(super) struct S3 {
    server: Server,
    signer: Signer,
    /// ADDRESS:PORT.
    host: String,
    bucket: String,
    head: Vec<u8>,
}

impl S3 {
    /// `place` is //ADDRESS:PORT/BUCKET; `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION` as everywhere.
    pub(super) fn from_variables(place: &str, variable: &impl Fn(&str) -> Option<String>) -> Result<S3, String> {
        let (address, bucket) = place
            .strip_prefix("//")
            .and_then(|rest| rest.split_once('/'))
            .ok_or_else(|| format!("LUMOS_STORAGE: {place:?} is no //address:port/bucket"))?;
        if bucket.is_empty() || !bucket.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)) {
            return Err(format!("LUMOS_STORAGE: {bucket:?} is no name of a bucket"));
        }
        let server = Server::from_variables("s3", address, variable)?;
        let needed = |name: &str| variable(name).ok_or(format!("{name} is not set"));
        let region = variable("AWS_REGION").unwrap_or("us-east-1".into());
        let signer = Signer::new(&needed("AWS_ACCESS_KEY_ID")?, &needed("AWS_SECRET_ACCESS_KEY")?, &region);
        Ok(S3 { server, signer, host: address.to_owned(), bucket: bucket.to_owned(), head: Vec::new() })
    }

    pub(super) fn get(&mut self, key: &str, into: &mut Vec<u8>) -> Result<Range<usize>, String> {
        self.begin("GET", key);
        self.ask(b"", into)
    }

    pub(super) fn put(&mut self, key: &str, bytes: &[u8]) -> Result<(), String> {
        self.begin("PUT", key);
        self.head.extend_from_slice(b"Content-Length: ");
        push_decimal(&mut self.head, bytes.len() as u64);
        self.head.extend_from_slice(b"\r\n");
        self.ask(bytes, &mut Vec::new()).map(|_| ())
    }

    /// Letters of a key stand for themselves in a path.
    fn begin(&mut self, method: &str, key: &str) {
        let path = format!("/{}/{key}", self.bucket);
        let query = self.signer.query(method, &self.host, &path, SystemTime::now());
        self.head.clear();
        for part in [method, " ", &path, "?", &query, " HTTP/1.1\r\nHost: ", &self.host, "\r\n"] {
            self.head.extend_from_slice(part.as_bytes());
        }
    }

    fn ask(&mut self, body: &[u8], into: &mut Vec<u8>) -> Result<Range<usize>, String> {
        self.head.extend_from_slice(b"\r\n");
        let (status, range) = self.server.exchange(b"", [&self.head, body, b""], into, |_| Response::default())?;
        if (200..300).contains(&status) { Ok(range) } else { Err(format!("s3 answers {status}{}", code(&into[range]))) }
    }
}

/// The code of an error, out of its XML: " NoSuchKey".
fn code(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    code.map_or(String::new(), |(code, _)| format!(" {}", code.chars().take(64).collect::<String>()))
}

/// The status, and where the body lies.
#[derive(Default)]
pub(super) struct Response {
    head: Option<(u16, Range<usize>)>,
}

impl Answer for Response {
    type Result = (u16, Range<usize>);

    fn look(&mut self, bytes: &[u8]) -> Result<Progress<Self::Result>, String> {
        if self.head.is_none() {
            self.head = head(bytes)?;
        }
        match &self.head {
            None if bytes.len() > MAX_HEAD => Err("s3 answered a head without end".into()),
            None => Ok(Progress::Missing(1024)),
            Some((_, body)) if bytes.len() < body.end => Ok(Progress::Missing(body.end - bytes.len())),
            Some((status, body)) => Ok(Progress::Whole((*status, body.clone()), body.end)),
        }
    }
}

fn head(bytes: &[u8]) -> Result<Option<(u16, Range<usize>)>, String> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    let begin = match response.parse(bytes) {
        Ok(httparse::Status::Complete(size)) => size,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(format!("s3 answered what is no HTTP: {error}")),
    };
    let status = response.code.unwrap_or(0);
    let length = response.headers.iter().find(|field| field.name.eq_ignore_ascii_case("content-length"));
    let size = match length.map(|field| std::str::from_utf8(field.value).ok().and_then(|text| text.parse::<usize>().ok())) {
        None if status == 204 => 0,
        Some(Some(size)) if size <= LARGEST => size,
        _ => return Err(format!("s3 answers {status} without a length that can be used")),
    };
    Ok(Some((status, begin..begin + size)))
}

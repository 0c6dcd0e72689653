//! The floor of `noop`: std::net, the same parser, one connection at a time, an answer that never changes. `./dev bench data` holds
//! the SDK against it.

use std::io::{Read, Write};
use std::net::TcpListener;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

/// How many bytes the first request has, head and body; none while it is not whole.
fn whole(bytes: &[u8]) -> Option<usize> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut fields);
    let Ok(httparse::Status::Complete(head)) = request.parse(bytes) else { return None };
    let length = request.headers.iter().find(|field| field.name.eq_ignore_ascii_case("content-length"));
    let body: usize = length.and_then(|field| std::str::from_utf8(field.value).ok()?.parse().ok()).unwrap_or(0);
    (bytes.len() >= head + body).then_some(head + body)
}

fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind(("0.0.0.0", 8080))?;
    loop {
        let (mut connection, _) = listener.accept()?;
        connection.set_nodelay(true)?;
        let (mut bytes, mut held) = ([0; 16 << 10], 0);
        while let Ok(count @ 1..) = connection.read(&mut bytes[held..]) {
            held += count;
            while let Some(size) = whole(&bytes[..held]) {
                bytes.copy_within(size..held, 0);
                held -= size;
                if connection.write_all(ANSWER).is_err() {
                    break;
                }
            }
        }
    }
}

//! One request to one response.

use super::{Fault, Head, Route};
use crate::answer::Handler;
use crate::net::{cpu_ns, now_ns};
use crate::text::{push_decimal, push_hex};
use crate::{Failure, Format, Spans};

/// The function and what its instance keeps between invocations. Buffers are kept too: a warm invocation allocates nothing here.
pub(crate) struct Exchange<'f> {
    handler: Handler<'f>,
    instance: String,
    invocations: u64,
    spans: Spans,
    head: Vec<u8>,
    /// What the first `kept` bytes of `head` are right for.
    kind: Option<Kind>,
    kept: usize,
    body: Vec<u8>,
}

/// Responses of one kind begin with the same lines.
type Kind = (u16, Content);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Text,
    Value(Format),
}

/// Errors are JSON in every format: whoever reads them may have chosen the format wrongly.
const ERROR: Content = Content::Value(Format::Json);

impl<'f> Exchange<'f> {
    pub(crate) fn new(instance: String, handler: Handler<'f>) -> Self {
        let (head, body) = (Vec::with_capacity(1024), Vec::with_capacity(1024));
        Exchange { handler, instance, invocations: 0, spans: Spans::default(), head, kind: None, kept: 0, body }
    }

    /// Answers a complete request, whose first byte was read at `since`. Returns the response's head and body.
    pub(crate) fn answer(&mut self, head: &Head, body: &[u8], since: u64) -> [&[u8]; 2] {
        self.body.clear();
        match head.route {
            Route::Invoke => self.invoke(head.format, body, since),
            Route::Health => {
                self.body.extend_from_slice(b"ok");
                self.begin(200, Content::Text);
            }
            Route::NotAllowed(allowed) => {
                self.begin_error(405, "this path does not know this method");
                self.field("Allow", allowed);
            }
            Route::NotFound | Route::Unknown => self.begin_error(404, "there is nothing here: POST / or GET /healthz"),
        }
        if !head.keep_alive {
            self.field("Connection", "close");
        } else if head.http_1_0 {
            self.field("Connection", "keep-alive");
        }
        self.head.extend_from_slice(b"\r\n");
        [&self.head, if head.wants_no_body { b"" } else { &self.body }]
    }

    /// Refuses a request whose framing is at fault. The connection ends.
    pub(crate) fn refuse(&mut self, fault: Fault, since: u64) -> [&[u8]; 2] {
        let seen = now_ns();
        self.body.clear();
        self.spans.clear();
        self.begin_error(fault.status, fault.message);
        if fault.route == Route::Invoke {
            self.invocations += 1;
            self.invocation_fields(since, seen, now_ns(), None);
        }
        self.head.extend_from_slice(b"Connection: close\r\n\r\n");
        [&self.head, &self.body]
    }

    fn invoke(&mut self, format: Format, body: &[u8], since: u64) {
        let cpu_before = cpu_ns();
        let complete = now_ns();
        self.invocations += 1;
        self.spans.clear();
        let result = (self.handler)(format, body, &mut self.spans, &mut self.body);
        let handled = now_ns();
        let cpu = cpu_before.zip(cpu_ns()).map(|(before, after)| after.saturating_sub(before));
        match result {
            Ok(digest) => {
                self.begin(200, Content::Value(format));
                self.head.extend_from_slice(b"Lumos-Digest: ");
                push_hex(&mut self.head, digest);
                self.head.extend_from_slice(b"\r\n");
            }
            Err(Failure { status, message }) => {
                self.body.clear();
                self.begin_error(status, &message);
            }
        }
        self.invocation_fields(since, complete, handled, cpu);
    }

    fn invocation_fields(&mut self, since: u64, complete: u64, handled: u64, cpu: Option<u64>) {
        self.head.extend_from_slice(b"Lumos-Invocation: ");
        push_decimal(&mut self.head, self.invocations);
        self.head.extend_from_slice(b"\r\nServer-Timing: ");
        self.spans.push_timing(&mut self.head, complete - since, handled - complete, cpu);
        self.head.extend_from_slice(b"\r\n");
    }

    fn begin_error(&mut self, status: u16, message: &str) {
        self.body.extend_from_slice(b"{\"error\":");
        // Writing a string into memory cannot fail.
        let _ = serde_json::to_writer(&mut self.body, message);
        self.body.push(b'}');
        self.begin(status, ERROR);
    }

    fn begin(&mut self, status: u16, content: Content) {
        if self.kind != Some((status, content)) {
            self.kind = Some((status, content));
            self.head.clear();
            self.head.extend_from_slice(status_line(status).as_bytes());
            self.field("Lumos-Instance", &self.instance.clone());
            self.field(
                "Content-Type",
                match content {
                    Content::Text => "text/plain",
                    Content::Value(format) => format.content_type(),
                },
            );
            self.head.extend_from_slice(b"Content-Length: ");
            self.kept = self.head.len();
        }
        self.head.truncate(self.kept);
        push_decimal(&mut self.head, self.body.len() as u64);
        self.head.extend_from_slice(b"\r\n");
    }

    fn field(&mut self, name: &str, value: &str) {
        for part in [name, ": ", value, "\r\n"] {
            self.head.extend_from_slice(part.as_bytes());
        }
    }
}

fn status_line(status: u16) -> &'static str {
    match status {
        200 => "HTTP/1.1 200 OK\r\n",
        400 => "HTTP/1.1 400 Bad Request\r\n",
        404 => "HTTP/1.1 404 Not Found\r\n",
        405 => "HTTP/1.1 405 Method Not Allowed\r\n",
        411 => "HTTP/1.1 411 Length Required\r\n",
        413 => "HTTP/1.1 413 Content Too Large\r\n",
        417 => "HTTP/1.1 417 Expectation Failed\r\n",
        431 => "HTTP/1.1 431 Request Header Fields Too Large\r\n",
        502 => "HTTP/1.1 502 Bad Gateway\r\n",
        _ => "HTTP/1.1 500 Internal Server Error\r\n",
    }
}

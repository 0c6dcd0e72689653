//! What a function gives back, and the adapter that takes its types away.

use crate::{Format, Span, Spans, Value, digest};
use std::borrow::Cow;
use std::fmt;

/// A successful result: the response to serialise and the digest of what was computed.
#[derive(Debug)]
pub struct Answer<R> {
    response: R,
    digest: u64,
}

impl<R> Answer<R> {
    /// `result` is the canonical form of the result: the same bytes on every runtime and for every request format, so never
    /// the encoded response. Hashing it takes no part in any span except `handle`.
    pub fn new(response: R, result: impl AsRef<[u8]>) -> Self {
        Answer { response, digest: digest(result.as_ref()) }
    }

    /// The same of a result that the function hashed itself, in a [`Span::Digest`]: worth two looks at the clock from
    /// kilobytes on.
    pub fn with_digest(response: R, digest: u64) -> Self {
        Answer { response, digest }
    }

    /// What will be serialised.
    pub fn response(&self) -> &R {
        &self.response
    }

    /// The [`digest`] of the result.
    pub fn digest(&self) -> u64 {
        self.digest
    }
}

/// Why there is no answer. The message is for the caller and goes into the JSON error.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure {
    pub(crate) status: u16,
    pub(crate) message: Cow<'static, str>,
}

impl Failure {
    /// The request asks for something the function does not do: 400.
    pub fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Failure { status: 400, message: message.into() }
    }

    /// The storage behind the function failed or answered nonsense: 502.
    pub fn storage(message: impl Into<Cow<'static, str>>) -> Self {
        Failure { status: 502, message: message.into() }
    }

    /// A defect of the function itself, such as a response that cannot be serialised: 500.
    pub(crate) fn defect(message: impl Into<Cow<'static, str>>) -> Self {
        Failure { status: 500, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str(&self.message)
    }
}

/// A function as the HTTP side sees it: request bytes in, response bytes appended, digest returned.
pub(crate) type Handler<'f> = Box<dyn FnMut(Format, &[u8], &mut Spans, &mut Vec<u8>) -> Result<u64, Failure> + 'f>;

pub(crate) fn handler<'f, Q, R, F>(mut function: F) -> Handler<'f>
where
    Q: Value,
    R: Value,
    F: FnMut(Q, &mut Spans) -> Result<Answer<R>, Failure> + 'f,
{
    Box::new(move |format, body, spans, out| {
        let request = spans.time(Span::Deserialize, || format.decode(body))?;
        let answer = function(request, spans)?;
        spans.time(Span::Serialize, || format.encode(&answer.response, out))?;
        Ok(answer.digest)
    })
}

//! Functions that work on an object: within the request, or in storage.

use crate::answer::Handler;
use crate::storage::Storage;
use crate::{Failure, Span, Spans, Value, digest};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The request of a data function: its parameters, and the object itself or the keys of one that lies in storage.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields, bound = "")]
pub struct Call<P: Value, I: Value> {
    /// What the function is told beside the object; may be left out where it has none.
    #[prost(message, required, tag = "1")]
    #[serde(default)]
    pub parameters: P,
    /// The object; then neither of the keys.
    #[prost(message, optional, tag = "2")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<I>,
    /// Where the object lies, in the request's format.
    #[prost(string, optional, tag = "3")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Where the result goes, in the request's format.
    #[prost(string, optional, tag = "4")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

/// The response of a data function: the result itself, or where it was stored.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields, bound = "")]
pub struct Outcome<O: Value> {
    /// The result of a call with an object.
    #[prost(message, optional, tag = "1")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<O>,
    /// The key of a stored result.
    #[prost(string, optional, tag = "2")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// How many bytes were stored.
    #[prost(uint64, optional, tag = "3")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// The parameters of a function that has none.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// What an object is, whatever its encoding: the same bytes on every runtime, from every storage and in every format.
pub trait Canonical {
    /// The digest covers these bytes.
    fn canonical(&self) -> Cow<'_, [u8]>;
}

/// One invocation after the other; `held` keeps its memory between them.
pub(crate) fn handler<'f, P, I, O, F>(mut storage: Storage, mut function: F) -> Handler<'f>
where
    P: Value,
    I: Value,
    O: Value + Canonical,
    F: FnMut(P, I) -> Result<O, Failure> + 'f,
{
    let mut held = Vec::new();
    let mut work = move |spans: &mut Spans, parameters: P, object: I| -> Result<(O, u64), Failure> {
        let result = spans.time(Span::Compute, || function(parameters, object))?;
        let digest = spans.time(Span::Digest, || digest(&result.canonical()));
        Ok((result, digest))
    };
    Box::new(move |format, body, spans, out| {
        let call: Call<P, I> = spans.time(Span::Deserialize, || format.decode(body))?;
        match (call.object, call.input, call.output) {
            (Some(object), None, None) => {
                let (result, digest) = work(spans, call.parameters, object)?;
                spans.time(Span::Serialize, || {
                    format.encode(&Outcome { object: Some(result), output: None, bytes: None }, out)
                })?;
                Ok(digest)
            }
            (None, Some(input), Some(output)) => {
                let fetched = spans.time(Span::Fetch, || storage.get(&input, &mut held))?;
                let object = spans.time(Span::Deserialize, || format.decode(&held[fetched])).map_err(|failure| {
                    Failure::storage(format!("the object at {input} is not what the function takes: {}", failure.message))
                })?;
                let (result, digest) = work(spans, call.parameters, object)?;
                held.clear();
                spans.time(Span::Serialize, || {
                    let encoded = format.encode(&result, &mut held);
                    drop(result); // giving back megabytes takes time too
                    encoded
                })?;
                spans.time(Span::Store, || storage.put(&output, &held))?;
                let stored = Outcome::<O> { object: None, output: Some(output), bytes: Some(held.len() as u64) };
                spans.time(Span::Serialize, || format.encode(&stored, out))?;
                Ok(digest)
            }
            _ => Err(Failure::bad_request("a call has either an object, or the keys input and output")),
        }
    })
}

#[cfg(test)]
mod tests;

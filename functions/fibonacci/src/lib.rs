//! `fibonacci`: pure computation in a register or two; neither memory nor storage matters.

use sdk::{Answer, Failure, Span, Spans};
use serde::{Deserialize, Serialize};
use std::hint::black_box;

const MAX_N: u64 = 1_000_000_000;

/// What is asked for.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Which number: 0 to 1,000,000,000.
    #[prost(uint64, tag = "1")]
    pub n: u64,
}

/// The n-th number modulo 2^64.
#[derive(Serialize, Deserialize, prost::Message)]
pub struct Response {
    #[prost(uint64, tag = "1")]
    n: u64,
    #[prost(uint64, tag = "2")]
    #[serde(serialize_with = "sdk::decimal")]
    value: u64,
}

/// The n-th Fibonacci number modulo 2^64, by n dependent additions. No compiler has a closed form for this loop; black_box only
/// keeps one from moving it out of the timed span.
fn sum(n: u64) -> u64 {
    let (mut value, mut next) = (0u64, 1u64);
    for _ in 0..black_box(n) {
        (value, next) = (next, value.wrapping_add(next));
    }
    black_box(value)
}

/// Answers one request.
pub fn fibonacci(Request { n }: Request, spans: &mut Spans) -> Result<Answer<Response>, Failure> {
    if n > MAX_N {
        return Err(Failure::bad_request("n must be from 0 to 1000000000"));
    }
    let value = spans.time(Span::Compute, || sum(n));
    Ok(Answer::new(Response { n, value }, value.to_le_bytes()))
}

#[cfg(test)]
mod tests;

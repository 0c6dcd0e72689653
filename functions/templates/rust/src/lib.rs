//! `@name@`: n steps of a pseudorandom generator. Put your own work in `steps`.

use sdk::{Answer, Failure, Span, Spans};
use serde::{Deserialize, Serialize};
use std::hint::black_box;

const MAX_N: u64 = 1_000_000_000;
const SEED: u64 = 88_172_645_463_325_252;

/// What is asked for.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// How many steps: 0 to 1,000,000,000.
    #[prost(uint64, tag = "1")]
    pub n: u64,
}

/// Where the generator stands after them.
#[derive(Serialize, Deserialize, prost::Message)]
pub struct Response {
    #[prost(uint64, tag = "1")]
    n: u64,
    #[prost(uint64, tag = "2")]
    #[serde(serialize_with = "sdk::decimal")]
    value: u64,
}

/// Marsaglia's xorshift, 64 bits. Only black_box keeps a compiler from moving the loop out of the timed span.
fn steps(n: u64) -> u64 {
    let mut value = SEED;
    for _ in 0..black_box(n) {
        value ^= value << 13;
        value ^= value >> 7;
        value ^= value << 17;
    }
    black_box(value)
}

/// Answers one request.
pub fn answer(Request { n }: Request, spans: &mut Spans) -> Result<Answer<Response>, Failure> {
    if n > MAX_N {
        return Err(Failure::bad_request("n must be from 0 to 1000000000"));
    }
    let value = spans.time(Span::Compute, || steps(n));
    // The digest is that of the result, never of the encoded response: it must be the same in every format.
    Ok(Answer::new(Response { n, value }, value.to_le_bytes()))
}

#[cfg(test)]
mod tests;

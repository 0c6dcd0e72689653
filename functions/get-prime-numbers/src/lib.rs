//! `get-prime-numbers`: all primes up to a limit, by the sieve of Eratosthenes: computation on an array of bytes.

use sdk::{Answer, Failure, Span, Spans};
use serde::{Deserialize, Serialize};

const MAX_LIMIT: u32 = 100_000_000;

/// What is asked for.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The largest number that is looked at: 0 to 100,000,000.
    #[prost(uint32, tag = "1")]
    pub limit: u32,
}

/// What was found.
#[derive(PartialEq, Serialize, Deserialize, prost::Message)]
pub struct Response {
    /// How many primes there are up to the limit.
    #[prost(uint32, tag = "1")]
    pub count: u32,
    /// The largest of them; 0 when there is none.
    #[prost(uint32, tag = "2")]
    pub largest: u32,
    /// Their sum.
    #[prost(uint64, tag = "3")]
    #[serde(serialize_with = "sdk::decimal")]
    pub sum: u64,
}

impl Response {
    fn add(&mut self, prime: usize) {
        self.count += 1;
        self.largest = prime as u32;
        self.sum += prime as u64;
    }

    fn canonical(&self) -> Vec<u8> {
        [&self.count.to_le_bytes()[..], &self.largest.to_le_bytes(), &self.sum.to_le_bytes()].concat()
    }
}

/// Entry i stands for the odd number 2 i + 1.
fn sieve(limit: u32) -> Response {
    let mut found = Response::default();
    if limit >= 2 {
        found.add(2);
    }
    let size = (limit as usize).div_ceil(2);
    let mut composite = vec![false; size];
    for i in 1..size {
        if composite[i] {
            continue;
        }
        let prime = 2 * i + 1;
        found.add(prime);
        // From its square: smaller multiples have a smaller factor. Every second multiple is even.
        let square = prime as u64 * prime as u64 / 2;
        for multiple in (square.min(size as u64) as usize..size).step_by(prime) {
            composite[multiple] = true;
        }
    }
    found
}

/// Answers one request.
pub fn get_prime_numbers(Request { limit }: Request, spans: &mut Spans) -> Result<Answer<Response>, Failure> {
    if limit > MAX_LIMIT {
        return Err(Failure::bad_request("limit must be from 0 to 100000000"));
    }
    let found = spans.time(Span::Compute, || sieve(limit));
    let canonical = found.canonical();
    Ok(Answer::new(found, canonical))
}

#[cfg(test)]
mod tests;

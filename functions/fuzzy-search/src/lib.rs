//! `fuzzy-search`: the words of a text that come closest to one that may be misspelt: short comparisons, many of them.

use sdk::{Canonical, Failure};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use strsim::levenshtein;

const MAX_QUERY: usize = 64;
const MAX_LIMIT: u32 = 1_000;

/// What is looked for.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// 1 to 64 bytes.
    #[prost(string, tag = "1")]
    pub query: String,
    /// How many words are wanted: 1 to 1,000.
    #[prost(uint32, tag = "2")]
    pub limit: u32,
}

/// Where it is looked for.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Words between white space and punctuation.
    #[prost(string, tag = "1")]
    pub text: String,
}

/// What comes closest.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Matches {
    /// The closest first; among equals, the first in the text.
    #[prost(message, repeated, tag = "1")]
    pub matches: Vec<Match>,
}

/// One word of the text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// As it stands there.
    #[prost(string, tag = "1")]
    pub word: String,
    /// Where it begins, in bytes.
    #[prost(uint64, tag = "2")]
    pub position: u64,
    /// Letters to insert, delete or replace (Levenshtein's distance).
    #[prost(uint32, tag = "3")]
    pub distance: u32,
}

impl Canonical for Text {
    fn canonical(&self) -> Cow<'_, [u8]> {
        self.text.as_bytes().into()
    }
}

impl Canonical for Matches {
    fn canonical(&self) -> Cow<'_, [u8]> {
        let mut bytes = Vec::new();
        for found in &self.matches {
            bytes.extend_from_slice(&found.position.to_le_bytes());
            bytes.extend_from_slice(&found.distance.to_le_bytes());
            bytes.extend_from_slice(found.word.as_bytes());
        }
        bytes.into()
    }
}

/// Every word with where it begins.
fn words(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| ((word.as_ptr() as usize - text.as_ptr() as usize) as u64, word))
}

/// Compares the query with every word.
pub fn search(parameters: Parameters, Text { text }: Text) -> Result<Matches, Failure> {
    let Parameters { query, limit } = parameters;
    if query.is_empty() || query.len() > MAX_QUERY {
        return Err(Failure::bad_request("query must be 1 to 64 bytes"));
    }
    if limit == 0 || limit > MAX_LIMIT {
        return Err(Failure::bad_request("limit must be from 1 to 1000"));
    }
    // Distance and position alone decide, and no two words have both.
    let mut all: Vec<_> = words(&text).map(|(at, word)| (levenshtein(&query, word) as u32, at, word)).collect();
    let limit = (limit as usize).min(all.len());
    if limit < all.len() {
        all.select_nth_unstable(limit);
        all.truncate(limit);
    }
    all.sort_unstable();
    let found = |(distance, position, word): (u32, u64, &str)| Match { word: word.into(), position, distance };
    Ok(Matches { matches: all.into_iter().map(found).collect() })
}

#[cfg(test)]
mod tests;

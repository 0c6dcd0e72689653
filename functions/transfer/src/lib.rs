//! `transfer`: reads an object and writes it back. The path of the data alone, for what all other functions add to it.

use sdk::{Canonical, Failure, Nothing};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Any bytes: what comes and what goes.
#[derive(Clone, Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The bytes.
    #[prost(bytes = "vec", tag = "1")]
    #[serde(with = "sdk::base64")]
    pub data: Vec<u8>,
}

impl Canonical for Data {
    fn canonical(&self) -> Cow<'_, [u8]> {
        self.data.as_slice().into()
    }
}

/// Computes nothing.
pub fn transfer(_: Nothing, object: Data) -> Result<Data, Failure> {
    Ok(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_goes() {
        let object = Data { data: (0..=255).collect() };
        assert_eq!(transfer(Nothing {}, object.clone()).unwrap().canonical(), object.canonical());
    }
}

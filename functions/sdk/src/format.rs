//! How requests and responses become bytes. A further format is a variant here and its choice in `http::Exchange`.

use crate::Failure;
use serde::{Serialize, Serializer, de::DeserializeOwned};

/// A wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
}

impl Format {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
        }
    }

    pub(crate) fn decode<T: DeserializeOwned>(self, body: &[u8]) -> Result<T, Failure> {
        match self {
            Format::Json => {
                // Serde would also take an array for a struct.
                if body.trim_ascii_start().first() != Some(&b'{') {
                    return Err(Failure::bad_request("the request must be a JSON object"));
                }
                serde_json::from_slice(body).map_err(|error| Failure::bad_request(error.to_string()))
            }
        }
    }

    pub(crate) fn encode<T: Serialize>(self, response: &T, out: &mut Vec<u8>) -> Result<(), Failure> {
        match self {
            Format::Json => serde_json::to_writer(out, response).map_err(|error| Failure::defect(error.to_string())),
        }
    }
}

/// For `#[serde(serialize_with = "sdk::decimal")]`: a decimal string, for numbers above 2^53, which JSON readers round.
pub fn decimal<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(itoa::Buffer::new().format(*value))
}

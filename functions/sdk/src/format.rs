//! How requests, responses and stored objects become bytes. A further format is a variant here.

use crate::Failure;
use cbor4ii::core::{dec::Read, utils::SliceReader};
use cbor4ii::serde::DecodeError;
use serde::{Serialize, Serializer, de::DeserializeOwned};
use std::fmt::Debug;

/// What travels: known to serde for JSON and CBOR, to prost for Protobuf. Every type that derives all four is one.
pub trait Value: Serialize + DeserializeOwned + prost::Message + Default + Debug {}

impl<T: Serialize + DeserializeOwned + prost::Message + Default + Debug> Value for T {}

/// A wire format: what `Content-Type` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 8259; binary fields in base64 ([`crate::base64`]).
    Json,
    /// RFC 8949: maps with the same names as in JSON.
    Cbor,
    /// proto3: an absent field has its default, an unknown one is skipped, of a repeated one the last counts.
    Protobuf,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 3] = [Format::Json, Format::Cbor, Format::Protobuf];

    /// The media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Cbor => "application/cbor",
            Format::Protobuf => "application/x-protobuf",
        }
    }

    /// The format of a request with this `Content-Type`; JSON when it names none of them, because that is what people send
    /// with whatever header their client adds.
    pub(crate) fn of(content_type: &[u8]) -> Format {
        let is = |format: Format| {
            let name = format.content_type().as_bytes();
            content_type.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
                && matches!(content_type.get(name.len()), None | Some(b';' | b' ' | b'\t'))
        };
        // One letter tells them apart: most requests are not compared at all.
        match content_type.get("application/".len()) {
            Some(b'c' | b'C') if is(Format::Cbor) => Format::Cbor,
            Some(b'x' | b'X') if is(Format::Protobuf) => Format::Protobuf,
            _ => Format::Json,
        }
    }

    /// Reads a whole value: what is missing, unknown, repeated or left over is an error (in Protobuf: see there). 400.
    pub fn decode<T: Value>(self, bytes: &[u8]) -> Result<T, Failure> {
        match self {
            Format::Json => {
                // Serde would also take an array for a struct.
                if bytes.trim_ascii_start().first() != Some(&b'{') {
                    return Err(Failure::bad_request("the request must be a JSON object"));
                }
                serde_json::from_slice(bytes).map_err(|error| Failure::bad_request(error.to_string()))
            }
            Format::Cbor => {
                if bytes.first().is_none_or(|first| first >> 5 != CBOR_MAP) {
                    return Err(Failure::bad_request("the request must be a CBOR map"));
                }
                let mut reader = cbor4ii::serde::Deserializer::new(SliceReader::new(bytes));
                let value = T::deserialize(&mut reader).map_err(|error| Failure::bad_request(cbor_error(error)))?;
                let mut left = reader.into_inner();
                let Ok(left) = left.fill(1);
                if left.as_ref().is_empty() { Ok(value) } else { Err(Failure::bad_request("bytes after the CBOR map")) }
            }
            Format::Protobuf => T::decode(bytes).map_err(|error| Failure::bad_request(error.to_string())),
        }
    }

    /// Appends the value. Failing is a defect of the type.
    pub fn encode<T: Value>(self, value: &T, out: &mut Vec<u8>) -> Result<(), Failure> {
        match self {
            Format::Json => serde_json::to_writer(out, value).map_err(|error| Failure::defect(error.to_string())),
            Format::Cbor => cbor4ii::serde::to_writer(out, value).map_err(|error| Failure::defect(error.to_string())),
            Format::Protobuf => value.encode(out).map_err(|error| Failure::defect(error.to_string())),
        }
    }
}

const CBOR_MAP: u8 = 5;

fn cbor_error<E: Debug>(error: DecodeError<E>) -> String {
    match error {
        DecodeError::Custom(message) => message.into(),
        DecodeError::Core(error) => format!("not valid CBOR, or not what was expected: {error:?}"),
    }
}

/// For `#[serde(serialize_with = "sdk::decimal")]`: in JSON a decimal string, for numbers above 2^53, which JSON readers round.
pub fn decimal<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.serialize_str(itoa::Buffer::new().format(*value))
    } else {
        serializer.serialize_u64(*value)
    }
}

#[cfg(test)]
mod tests;

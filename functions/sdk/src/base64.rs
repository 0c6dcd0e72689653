//! Binary fields, for `#[serde(with = "sdk::base64")]`: base64 (RFC 4648 §4, padded) in JSON, byte strings in CBOR.

use base64::display::Base64Display;
use base64::engine::{Engine, general_purpose::STANDARD};
use serde::{Deserializer, Serializer, de};
use std::fmt;

/// Writes the text piece by piece: it never exists as a whole of its own.
pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.collect_str(&Base64Display::new(bytes, &STANDARD))
    } else {
        serializer.serialize_bytes(bytes)
    }
}

/// Decodes out of the request, without a copy of the text.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    if deserializer.is_human_readable() { deserializer.deserialize_str(Text) } else { deserializer.deserialize_byte_buf(Bytes) }
}

struct Text;

impl de::Visitor<'_> for Text {
    type Value = Vec<u8>;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("base64")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<u8>, E> {
        STANDARD.decode(text).map_err(|error| E::custom(format_args!("not base64: {error}")))
    }
}

struct Bytes;

impl de::Visitor<'_> for Bytes {
    type Value = Vec<u8>;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("bytes")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
        Ok(bytes)
    }
}

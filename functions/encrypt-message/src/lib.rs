//! `encrypt-message`: AES-256 in Galois counter mode: table-free computation over a stream, and no compression of what goes out.

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use sdk::{Canonical, Failure};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How to encrypt.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// 32 bytes.
    #[prost(bytes = "vec", tag = "1")]
    #[serde(with = "sdk::base64")]
    pub key: Vec<u8>,
    /// 12 bytes, never used twice with one key.
    #[prost(bytes = "vec", tag = "2")]
    #[serde(with = "sdk::base64")]
    pub nonce: Vec<u8>,
}

/// What can be read.
#[derive(Clone, Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// The text.
    #[prost(string, tag = "1")]
    pub text: String,
}

/// What cannot be read.
#[derive(Clone, Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// The encrypted text, then the tag of 16 bytes.
    #[prost(bytes = "vec", tag = "1")]
    #[serde(with = "sdk::base64")]
    pub bytes: Vec<u8>,
}

impl Canonical for Message {
    fn canonical(&self) -> Cow<'_, [u8]> {
        self.text.as_bytes().into()
    }
}

impl Canonical for Sealed {
    fn canonical(&self) -> Cow<'_, [u8]> {
        self.bytes.as_slice().into()
    }
}

impl Parameters {
    /// The cipher and its nonce. 400 when one of the two has another length.
    pub fn cipher(&self) -> Result<(Aes256Gcm, Nonce<aes_gcm::aead::consts::U12>), Failure> {
        let cipher = Aes256Gcm::new_from_slice(&self.key).map_err(|_| Failure::bad_request("key must be 32 bytes"))?;
        let nonce = <[u8; 12]>::try_from(self.nonce.as_slice()).map_err(|_| Failure::bad_request("nonce must be 12 bytes"))?;
        Ok((cipher, nonce.into()))
    }
}

/// Encrypts in place.
pub fn encrypt(parameters: Parameters, message: Message) -> Result<Sealed, Failure> {
    let (cipher, nonce) = parameters.cipher()?;
    let mut bytes = message.text.into_bytes();
    let sealed = cipher.encrypt_in_place(&nonce, b"", &mut bytes);
    sealed.map_err(|_| Failure::bad_request("the text is too long for one nonce"))?;
    Ok(Sealed { bytes })
}

#[cfg(test)]
mod tests;

//! `decrypt-message`: the inverse of `encrypt-message`: what was tampered with is refused.

use aes_gcm::aead::AeadInOut;
use encrypt_message::{Message, Parameters, Sealed};
use sdk::Failure;

/// Decrypts in place. 400 when the bytes are not what was encrypted with this key and nonce, or no text.
pub fn decrypt(parameters: Parameters, sealed: Sealed) -> Result<Message, Failure> {
    let (cipher, nonce) = parameters.cipher()?;
    let mut bytes = sealed.bytes;
    let opened = cipher.decrypt_in_place(&nonce, b"", &mut bytes);
    opened
        .map_err(|_| Failure::bad_request("these bytes were not encrypted with this key and nonce, or were changed since"))?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::bad_request("what was encrypted is no text"))?;
    Ok(Message { text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use sdk::Canonical;

    fn parameters() -> Parameters {
        Parameters { key: (0..32).collect(), nonce: (0..12).collect() }
    }

    #[test]
    fn gives_back_what_was_encrypted() {
        for text in ["", "a", "sixteen letters!", "Grüße, \u{1f30d}", &"x".repeat(100_000)] {
            let message = Message { text: text.into() };
            let sealed = encrypt_message::encrypt(parameters(), message.clone()).unwrap();
            assert_eq!(sealed.bytes.len(), text.len() + 16);
            assert_eq!(decrypt(parameters(), sealed).unwrap().canonical(), message.canonical());
        }
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let sealed = encrypt_message::encrypt(parameters(), Message { text: "four".into() }).unwrap();
        for bit in 0..sealed.bytes.len() * 8 {
            let mut changed = sealed.clone();
            changed.bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(decrypt(parameters(), changed).is_err(), "bit {bit}");
        }
        for length in 0..sealed.bytes.len() {
            assert!(decrypt(parameters(), Sealed { bytes: sealed.bytes[..length].to_vec() }).is_err(), "cut to {length}");
        }
    }
}

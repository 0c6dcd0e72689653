//! `token-auth`: whether a JSON Web Token (RFC 7519) signed with HMAC-SHA-256 is to be believed: what a gateway asks before
//! everything else. Of the parts of a token only what this needs is here: a crate for all of them takes longer to compile than
//! all other functions together.

use base64::engine::{Engine, general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sdk::{Answer, Failure, Span, Spans};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// What is asked.
#[derive(Clone, Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Three parts of base64 between dots.
    #[prost(string, tag = "1")]
    pub token: String,
    /// What it must be signed with.
    #[prost(bytes = "vec", tag = "2")]
    #[serde(with = "sdk::base64")]
    pub key: Vec<u8>,
    /// The time, in seconds since 1970: no clock is asked, so that the answer is always the same.
    #[prost(uint64, tag = "3")]
    pub now: u64,
}

/// What to believe.
#[derive(PartialEq, Serialize, Deserialize, prost::Message)]
pub struct Response {
    /// Whether the token is right, and of now.
    #[prost(bool, tag = "1")]
    pub valid: bool,
    /// Whose it is; empty when it is not valid.
    #[prost(string, tag = "2")]
    pub subject: String,
    /// Why it is not valid; empty when it is.
    #[prost(string, tag = "3")]
    pub reason: String,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

/// Times are seconds since 1970; what is not there does not bound.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: Option<u64>,
    nbf: Option<u64>,
}

/// The token's signature for `signed`, which is its first two parts.
pub fn sign(signed: &str, key: &[u8]) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("a key has any length").chain_update(signed);
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

fn part<'a, T: Deserialize<'a>>(text: &str, into: &'a mut Vec<u8>) -> Option<T> {
    *into = URL_SAFE_NO_PAD.decode(text).ok()?;
    serde_json::from_slice(into).ok()
}

/// The subject, or what is wrong. The signature comes before anything that it protects is believed, and is compared in constant
/// time.
fn subject(request: &Request) -> Result<String, &'static str> {
    let (signed, signature) = request.token.rsplit_once('.').ok_or("not three parts")?;
    let (header, claims) = signed.split_once('.').ok_or("not three parts")?;
    let (mut header_bytes, mut claims_bytes) = (Vec::new(), Vec::new());
    let header: Header = part(header, &mut header_bytes).ok_or("the header is not readable")?;
    if header.alg != "HS256" {
        return Err("another algorithm");
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| "the signature is not readable")?;
    let mac = Hmac::<Sha256>::new_from_slice(&request.key).map_err(|_| "no key")?.chain_update(signed);
    mac.verify_slice(&signature).map_err(|_| "another signature")?;
    let claims: Claims = part(claims, &mut claims_bytes).ok_or("the claims are not readable")?;
    if claims.exp.is_some_and(|end| request.now >= end) {
        return Err("expired");
    }
    if claims.nbf.is_some_and(|begin| request.now < begin) {
        return Err("not valid yet");
    }
    Ok(claims.sub)
}

/// Answers one request. A token that is not to be believed is an answer too, not a bad request.
pub fn verify(request: Request, spans: &mut Spans) -> Result<Answer<Response>, Failure> {
    let response = match spans.time(Span::Compute, || subject(&request)) {
        Ok(subject) => Response { valid: true, subject, reason: String::new() },
        Err(reason) => Response { valid: false, subject: String::new(), reason: reason.into() },
    };
    let canonical = format!("{} {} {}", response.valid, response.subject, response.reason);
    Ok(Answer::new(response, canonical))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7515, appendix A.1.
    const TOKEN: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const KEY: &str = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

    fn token(header: &str, claims: &str, key: &[u8]) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        format!("{signed}.{}", sign(&signed, key))
    }

    fn asked(token: String, now: u64) -> Result<String, &'static str> {
        subject(&Request { token, key: b"key".to_vec(), now })
    }

    #[test]
    fn the_signature_is_that_of_the_standard() {
        let (signed, signature) = TOKEN.rsplit_once('.').unwrap();
        assert_eq!(sign(signed, &URL_SAFE_NO_PAD.decode(KEY).unwrap()), signature);
    }

    #[test]
    fn believes_what_is_signed_and_of_now() {
        let good = token(r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"sub":"ann","exp":200,"nbf":100,"iss":"x"}"#, b"key");
        assert_eq!(asked(good.clone(), 100), Ok("ann".into()));
        assert_eq!(asked(good.clone(), 199), Ok("ann".into()));
        assert_eq!(asked(good.clone(), 200), Err("expired"));
        assert_eq!(asked(good, 99), Err("not valid yet"));
        assert_eq!(asked(token(r#"{"alg":"HS256"}"#, r#"{"sub":"bob"}"#, b"key"), u64::MAX), Ok("bob".into()));
    }

    #[test]
    fn believes_nothing_else() {
        let claims = r#"{"sub":"ann"}"#;
        let good = token(r#"{"alg":"HS256"}"#, claims, b"key");
        for (token, reason) in [
            (String::new(), "not three parts"),
            ("a.b".into(), "not three parts"),
            (token(r#"{"alg":"none"}"#, claims, b"key"), "another algorithm"),
            (token(r#"{"alg":1}"#, claims, b"key"), "the header is not readable"),
            (token(r#"{"alg":"HS256"}"#, claims, b"other"), "another signature"),
            (token(r#"{"alg":"HS256"}"#, "{}", b"key"), "the claims are not readable"),
            (good.replace('.', "..").replacen("..", ".", 1), "another signature"),
            (format!("{good}="), "the signature is not readable"),
            (good[..good.len() - 3].into(), "another signature"),
        ] {
            assert_eq!(asked(token.clone(), 0), Err(reason), "{token}");
        }
        let other = token(r#"{"alg":"HS256"}"#, r#"{"sub":"eve"}"#, b"other");
        let spliced = format!("{}.{}", other.rsplit_once('.').unwrap().0, good.rsplit_once('.').unwrap().1);
        assert_eq!(asked(spliced, 0), Err("another signature"));
    }
}

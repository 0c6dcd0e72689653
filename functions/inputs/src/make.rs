//! What each function is sent. The types are the functions' own.

use crate::{picture, random::Random, score, text};
use base64::engine::{Engine, general_purpose::URL_SAFE_NO_PAD};
use encrypt_message::{Message, Parameters};
use sdk::{Answer, Call, Canonical, Failure, Format, Nothing, Spans, Value};

/// What is asked for.
pub struct Order {
    /// Its folder's name.
    pub function: String,
    /// What function.json says: KiB, percent, a limit; none for a function that takes none.
    pub payload: Option<i64>,
    /// Of request and object.
    pub format: Format,
    /// Whether the object lies in storage; then under these keys.
    pub stored: bool,
    /// Of everything that is random.
    pub seed: u64,
}

/// What the invocation needs.
#[derive(Debug)]
pub struct Made {
    /// The body.
    pub request: Vec<u8>,
    /// What must lie in storage.
    pub object: Option<Vec<u8>>,
    /// What the function leaves in storage.
    pub result: Option<Vec<u8>>,
    /// The input whatever its encoding: its size and hash are what the payload really was.
    pub content: Vec<u8>,
    /// What the function answers here.
    pub digest: u64,
}

impl Order {
    fn key(&self, end: &str) -> String {
        let payload = self.payload.map_or(String::new(), |payload| format!("-{payload}"));
        let kind = self.format.content_type().trim_start_matches("application/").trim_start_matches("x-");
        format!("{}{payload}.{kind}.{end}", self.function)
    }

    /// Where the object lies.
    pub fn input_key(&self) -> Option<String> {
        self.stored.then(|| self.key("in"))
    }

    /// Where the result goes.
    pub fn output_key(&self) -> Option<String> {
        self.stored.then(|| self.key("out"))
    }

    fn encoded<T: Value>(&self, value: &T) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        self.format.encode(value, &mut bytes).map_err(|failure| failure.to_string())?;
        Ok(bytes)
    }

    /// A function of a request alone.
    fn plain<Q: Value, R>(
        &self,
        request: Q,
        function: fn(Q, &mut Spans) -> Result<Answer<R>, Failure>,
    ) -> Result<Made, String> {
        if self.stored {
            return Err(format!("{} takes no stored object", self.function));
        }
        let bytes = self.encoded(&request)?;
        let answer = function(request, &mut Spans::default()).map_err(|failure| failure.to_string())?;
        Ok(Made { content: bytes.clone(), request: bytes, object: None, result: None, digest: answer.digest() })
    }

    /// A function of parameters and an object.
    fn data<P: Value, I: Value + Canonical, O: Value + Canonical>(
        &self,
        parameters: P,
        object: I,
        function: fn(P, I) -> Result<O, Failure>,
    ) -> Result<Made, String> {
        let content = object.canonical().into_owned();
        let mut call = Call { parameters, object: Some(object), input: self.input_key(), output: self.output_key() };
        let mut apart = None;
        if self.stored {
            apart = call.object.take();
        }
        let request = self.encoded(&call)?;
        let stored = apart.as_ref().map(|object| self.encoded(object)).transpose()?;
        let object = apart.or(call.object).expect("it is in one of the two");
        let result = function(call.parameters, object).map_err(|failure| failure.to_string())?;
        let left = stored.is_some().then(|| self.encoded(&result)).transpose()?;
        Ok(Made { request, object: stored, result: left, content, digest: sdk::digest(&result.canonical()) })
    }

    /// The payload as what it counts.
    fn number(&self) -> Result<u64, String> {
        let payload = self.payload.ok_or(format!("{} needs --payload", self.function))?;
        u64::try_from(payload).map_err(|_| format!("payload {payload} is below 0"))
    }

    fn small_number(&self) -> Result<u32, String> {
        let number = self.number()?;
        u32::try_from(number).map_err(|_| format!("payload {number} is too large"))
    }

    fn bytes(&self) -> Result<usize, String> {
        let kib = self.number()?;
        if (1..=MAX_KIB).contains(&kib) {
            Ok(kib as usize * 1024)
        } else {
            Err(format!("payload {kib} is not from 1 to {MAX_KIB}"))
        }
    }

    /// The same order makes the same input, byte for byte.
    pub fn make(&self) -> Result<Made, String> {
        let random = &mut Random::of(&self.function, self.payload, self.seed);
        match self.function.as_str() {
            "noop" => self.plain(Nothing {}, noop::noop),
            "fibonacci" => self.plain(fibonacci::Request { n: self.number()? }, fibonacci::fibonacci),
            "get-prime-numbers" => {
                self.plain(get_prime_numbers::Request { limit: self.small_number()? }, get_prime_numbers::get_prime_numbers)
            }
            "planet-system-simulation" => {
                let request = planet_system_simulation::Request { steps: self.small_number()? };
                self.plain(request, planet_system_simulation::simulate)
            }
            "create-mandelbrot-bitmap" => {
                let request = create_mandelbrot_bitmap::Request { size: self.small_number()? };
                self.plain(request, create_mandelbrot_bitmap::create)
            }
            "token-auth" => self.plain(token(random), token_auth::verify),
            "audio-generation" => {
                let score = audio_generation::Score { frames: score::score(random, self.bytes()?) };
                self.data(Nothing {}, score, audio_generation::generate)
            }
            "fuzzy-search" => {
                let text = text::text(random, self.bytes()?);
                let parameters = fuzzy_search::Parameters { query: text::misspelt(random, &text), limit: 10 };
                self.data(parameters, fuzzy_search::Text { text }, fuzzy_search::search)
            }
            "language-detection" => {
                let text = language_detection::Text { text: text::text(random, self.bytes()?) };
                self.data(Nothing {}, text, language_detection::detect)
            }
            "encrypt-message" => {
                let message = Message { text: text::text(random, self.bytes()?) };
                self.data(secret(random), message, encrypt_message::encrypt)
            }
            "decrypt-message" => {
                // Of so many bytes is what goes in, the tag among them.
                let message = Message { text: text::text(random, self.bytes()? - TAG_BYTES) };
                let Parameters { key, nonce } = secret(random);
                let parameters = Parameters { key: key.clone(), nonce: nonce.clone() };
                let sealed = encrypt_message::encrypt(parameters, message).map_err(|failure| failure.to_string())?;
                self.data(Parameters { key, nonce }, sealed, decrypt_message::decrypt)
            }
            "image-resize" => {
                let parameters = image_resize::Parameters { percent: self.small_number()? };
                let png = image_resize::encode(&picture::picture(random)).map_err(|failure| failure.to_string())?;
                self.data(parameters, image_resize::Picture { png }, image_resize::resize)
            }
            "zip-compression" => {
                let text = text::text(random, self.bytes()?);
                self.data(Nothing {}, zip_compression::Folder { documents: documents(&text) }, zip_compression::compress)
            }
            "transfer" => {
                let data = random.bytes(self.bytes()?);
                self.data(Nothing {}, transfer::Data { data }, transfer::transfer)
            }
            other => Err(format!("no inputs are known for a function {other:?}")),
        }
    }
}

const MAX_KIB: u64 = 32 << 10;
const TAG_BYTES: usize = 16;

fn secret(random: &mut Random) -> Parameters {
    Parameters { key: random.bytes(32), nonce: random.bytes(12) }
}

/// A right token of an hour.
fn token(random: &mut Random) -> token_auth::Request {
    let (now, key) = (1_800_000_000 + random.next() % 100_000_000, random.bytes(32));
    let claims = format!(r#"{{"sub":"user-{:016x}","iat":{now},"exp":{},"iss":"lumos"}}"#, random.next(), now + 3_600);
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#), URL_SAFE_NO_PAD.encode(claims));
    token_auth::Request { token: format!("{signed}.{}", token_auth::sign(&signed, &key)), key, now }
}

/// A text in files of about 64 KiB.
fn documents(text: &str) -> Vec<zip_compression::Document> {
    let mut documents = Vec::new();
    let mut document = String::new();
    for line in text.split_inclusive('\n') {
        document.push_str(line);
        if document.len() >= 64 << 10 {
            documents.push(std::mem::take(&mut document));
        }
    }
    if !document.is_empty() {
        documents.push(document);
    }
    let named = |(at, text)| zip_compression::Document { name: format!("letters/{at:04}.txt"), text };
    documents.into_iter().enumerate().map(named).collect()
}

#[cfg(test)]
mod tests;

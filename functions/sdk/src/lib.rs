//! What a Lumos function is built on. A function is one closure from a request to an answer; the SDK does the rest of the
//! contract in `functions/README.md`: HTTP, (de)serialisation, spans, digest, identity. The same source builds natively and for
//! WasmEdge; only [`net`] knows the difference.
//!
//! ```no_run
//! use sdk::{Answer, Failure, Span, Spans};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, Serialize, prost::Message)]
//! #[serde(deny_unknown_fields)]
//! struct Request {
//!     #[prost(uint32, tag = "1")]
//!     n: u32,
//! }
//!
//! #[derive(Deserialize, Serialize, prost::Message)]
//! struct Response {
//!     #[prost(uint64, tag = "1")]
//!     square: u64,
//! }
//!
//! fn square(request: Request, spans: &mut Spans) -> Result<Answer<Response>, Failure> {
//!     let square = spans.time(Span::Compute, || u64::from(request.n).pow(2));
//!     Ok(Answer::new(Response { square }, square.to_le_bytes()))
//! }
//!
//! fn main() {
//!     sdk::serve(square)
//! }
//! ```

// A release build for a container without this flag would need a C library that its image does not have.
#[cfg(all(target_os = "linux", not(debug_assertions), not(target_feature = "crt-static")))]
compile_error!("release builds for Linux are static: use `cargo native`, or add `--config .cargo/static.toml --target TRIPLE`");

mod answer;
pub mod base64;
mod data;
mod digest;
mod format;
mod http;
mod identity;
pub mod net;
mod server;
mod spans;
pub mod storage;
mod text;

pub use answer::{Answer, Failure};
pub use data::{Call, Canonical, Nothing, Outcome};
pub use digest::digest;
pub use format::{Format, Value, decimal};
pub use spans::{Span, Spans};

use answer::Handler;
use std::{env, process};

/// Serves `function` on `$PORT` (8080 when unset) of every IPv4 address until the process is killed.
///
/// One invocation runs at a time; other connections wait. A request that is not a `Q` is answered with 400 and never reaches
/// the function. Exits with 2 when the environment is wrong, with 1 when the port cannot be listened on.
pub fn serve<Q, R, F>(function: F) -> !
where
    Q: Value,
    R: Value,
    F: FnMut(Q, &mut Spans) -> Result<Answer<R>, Failure>,
{
    run(answer::handler(function))
}

/// Serves a function from parameters and an object to a result object; the request is a [`Call`], the response an [`Outcome`].
/// The SDK fetches, deserialises, serialises and stores, each in a span of its own; `function` is timed as compute. A stored
/// object that is not an `I` is answered with 502. Otherwise as [`serve`].
pub fn serve_data<P, I, O, F>(function: F) -> !
where
    P: Value,
    I: Value,
    O: Value + Canonical,
    F: FnMut(P, I) -> Result<O, Failure>,
{
    match storage::Storage::from_env() {
        Ok(storage) => run(data::handler(storage, function)),
        Err(message) => fail(2, &message),
    }
}

fn run(handler: Handler) -> ! {
    let port = match env::var("PORT").as_deref().unwrap_or("8080").parse() {
        Ok(0) | Err(_) => fail(2, "PORT must be a number from 1 to 65535"),
        Ok(port) => port,
    };
    let listener = match net::Listener::bind(port) {
        Ok(listener) => listener,
        Err(error) => fail(1, &format!("cannot listen on port {port}: {error}")),
    };
    let mut exchange = http::Exchange::new(identity::instance(), handler);
    let error = server::run(&listener, &mut exchange);
    fail(1, &format!("cannot wait for requests: {error}"))
}

fn fail(code: i32, message: &str) -> ! {
    eprintln!("lumos function: {message}");
    process::exit(code)
}

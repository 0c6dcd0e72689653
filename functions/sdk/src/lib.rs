//! What a Lumos function is built on. A function is one closure from a request to an answer; the SDK does the rest of the
//! contract in `functions/README.md`: HTTP, (de)serialisation, spans, digest, identity. The same source builds natively and for
//! WasmEdge; only [`net`] knows the difference.
//!
//! ```no_run
//! use sdk::{Answer, Failure, Span, Spans};
//!
//! #[derive(serde::Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Request { n: u32 }
//!
//! #[derive(serde::Serialize)]
//! struct Response { square: u64 }
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
mod digest;
mod format;
mod http;
mod identity;
pub mod net;
mod server;
mod spans;
mod text;

pub use answer::{Answer, Failure};
pub use digest::digest;
pub use format::decimal;
pub use spans::{Span, Spans};

use serde::{Serialize, de::DeserializeOwned};
use std::{env, process};

/// Serves `function` on `$PORT` (8080 when unset) of every IPv4 address until the process is killed.
///
/// One invocation runs at a time; other connections wait. A request that is not a `Q` is answered with 400 and never reaches
/// the function. Exits with 2 when `$PORT` is no port, with 1 when the port cannot be listened on.
pub fn serve<Q, R, F>(function: F) -> !
where
    Q: DeserializeOwned,
    R: Serialize,
    F: FnMut(Q, &mut Spans) -> Result<Answer<R>, Failure>,
{
    let port = match env::var("PORT").as_deref().unwrap_or("8080").parse() {
        Ok(0) | Err(_) => fail(2, "PORT must be a number from 1 to 65535"),
        Ok(port) => port,
    };
    let listener = match net::Listener::bind(port) {
        Ok(listener) => listener,
        Err(error) => fail(1, &format!("cannot listen on port {port}: {error}")),
    };
    let mut exchange = http::Exchange::new(identity::instance(), answer::handler(function));
    let error = server::run(&listener, &mut exchange);
    fail(1, &format!("cannot wait for requests: {error}"))
}

fn fail(code: i32, message: &str) -> ! {
    eprintln!("lumos function: {message}");
    process::exit(code)
}

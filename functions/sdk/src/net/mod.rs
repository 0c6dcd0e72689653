//! The seam: the only code that differs between native and WebAssembly, and the only unsafe code.
//!
//! TCP over IPv4, blocking, plus waiting on many connections at once. A socket is only read after [`Waiter::wait`] named it, so
//! reading never blocks; sending may, for at most a minute a call.

#[cfg(not(target_os = "wasi"))]
mod native;
#[cfg(target_os = "wasi")]
mod wasi;

#[cfg(not(target_os = "wasi"))]
pub use native::{Connection, Listener, Waiter, cpu_ns, now_ns};
#[cfg(target_os = "wasi")]
pub use wasi::{Connection, Listener, Waiter, cpu_ns, now_ns};

use std::io;

/// A peer that takes nothing for so long is given up, because nobody else is served meanwhile. Long enough for a slow link, where
/// the kernel asks for more only after a third of its buffer has gone.
const SEND_TIMEOUT_S: i64 = 60;

/// What [`Waiter::wait`] found.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    /// 0 is the listener, i + 1 the i-th connection.
    pub index: usize,
    /// The socket cannot be waited on any more; reading or accepting might block for ever.
    pub broken: bool,
}

impl Connection {
    /// Sends all parts, in one segment train where they fit: without TCP_NODELAY (WasmEdge cannot set it) a head sent apart
    /// from its body would wait for the peer's delayed acknowledgement.
    pub fn send_all<const N: usize>(&self, mut parts: [&[u8]; N]) -> io::Result<()> {
        while parts.iter().any(|part| !part.is_empty()) {
            let mut sent = match self.send(&parts) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(sent) => sent,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            for part in &mut parts {
                let of_part = sent.min(part.len());
                *part = &part[of_part..];
                sent -= of_part;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

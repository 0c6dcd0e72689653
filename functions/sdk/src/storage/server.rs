//! A storage server as its client sees it: one exchange after the other, over a connection that is kept or made anew.

use crate::net::{Connection, now_ns};
use std::io::ErrorKind;
use std::net::SocketAddrV4;
use std::time::Duration;

/// A server that takes longer for one answer is given up. Below what an invocation is usually given.
const PATIENCE: Duration = Duration::from_secs(10);
/// Room for the first bytes of an answer: enough for a small one as a whole.
const FIRST_ROOM: usize = 4096;

/// Where a server is, and the connection to it.
#[derive(Debug)]
pub(super) struct Server {
    name: String,
    address: SocketAddrV4,
    fresh: bool,
    patience: Duration,
    connection: Option<Connection>,
}

/// What of an answer is there.
pub(super) enum Progress<T> {
    /// All of it, in so many bytes.
    Whole(T, usize),
    /// At least so many bytes are missing.
    Missing(usize),
}

/// Looks at the bytes that have arrived, each time more of them. An error: this is no answer.
pub(super) trait Answer {
    type Result;
    fn look(&mut self, bytes: &[u8]) -> Result<Progress<Self::Result>, String>;
}

impl Server {
    /// `address` is ADDRESS:PORT, an IPv4 address: instances have no resolver. `LUMOS_CONNECTION` says whether connections are
    /// kept, `LUMOS_STORAGE_TIMEOUT_MS` how long an answer may take.
    pub(super) fn from_variables(
        name: &str,
        address: &str,
        variable: &impl Fn(&str) -> Option<String>,
    ) -> Result<Server, String> {
        let parsed = address.parse().map_err(|_| format!("LUMOS_STORAGE: {address:?} is no IPv4 address with a port"))?;
        let fresh = match variable("LUMOS_CONNECTION").as_deref() {
            None | Some("kept") => false,
            Some("fresh") => true,
            Some(other) => return Err(format!("LUMOS_CONNECTION must be kept or fresh, not {other:?}")),
        };
        let patience = match variable("LUMOS_STORAGE_TIMEOUT_MS") {
            None => PATIENCE,
            Some(text) => match text.parse() {
                Ok(0) | Err(_) => return Err(format!("LUMOS_STORAGE_TIMEOUT_MS must be a number from 1, not {text:?}")),
                Ok(milliseconds) => Duration::from_millis(milliseconds),
            },
        };
        Ok(Server { name: format!("{name} at {address}"), address: parsed, fresh, patience, connection: None })
    }

    /// Sends a request and reads its answer into `into`, which is cleared. `greeting` goes before the first request of a
    /// connection, in the same packet; `answer` makes a reader of what then comes, and learns whether that answers the greeting
    /// too. A kept connection that turns out to be closed is replaced, once.
    pub(super) fn exchange<A: Answer>(
        &mut self,
        greeting: &[u8],
        request: [&[u8]; 3],
        into: &mut Vec<u8>,
        answer: impl Fn(bool) -> A,
    ) -> Result<A::Result, String> {
        if let Some(connection) = self.connection.take() {
            match self.ask(connection, b"", request, into, answer(false)) {
                // Nothing came: it was closed while nobody used it.
                Err(Broken { stale: true, .. }) => {}
                other => return other.map_err(|broken| broken.why),
            }
        }
        let connection = match Connection::dial(self.address, self.patience) {
            Ok(connection) => connection,
            Err(error) => return Err(format!("{}: cannot be connected to: {error}", self.name)),
        };
        self.ask(connection, greeting, request, into, answer(true)).map_err(|broken| broken.why)
    }

    /// The connection comes back to `self` only after a whole answer: what is left of another is nobody's.
    fn ask<A: Answer>(
        &mut self,
        connection: Connection,
        greeting: &[u8],
        [head, body, tail]: [&[u8]; 3],
        into: &mut Vec<u8>,
        mut answer: A,
    ) -> Result<A::Result, Broken> {
        let begin = now_ns();
        let broken = |why: String, stale: bool| Broken { why: format!("{}: {why}", self.name), stale };
        into.clear();
        connection.send_all([greeting, head, body, tail]).map_err(|error| broken(self.reason(&error), !slow(error.kind())))?;
        let mut room = FIRST_ROOM;
        loop {
            into.reserve(room);
            let first = into.is_empty();
            match connection.recv(into) {
                Ok(0) => return Err(broken("closed the connection before its answer was whole".into(), first)),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(broken(self.reason(&error), first && !slow(error.kind()))),
            }
            match answer.look(into).map_err(|why| broken(why, false))? {
                Progress::Whole(result, size) if size == into.len() => {
                    if !self.fresh {
                        self.connection = Some(connection);
                    }
                    return Ok(result);
                }
                Progress::Whole(..) => return Err(broken("answered more than it was asked".into(), false)),
                Progress::Missing(bytes) => room = bytes,
            }
            if u128::from(now_ns() - begin) > self.patience.as_nanos() {
                return Err(broken(self.too_slow(), false));
            }
        }
    }

    fn reason(&self, error: &std::io::Error) -> String {
        if slow(error.kind()) { self.too_slow() } else { error.to_string() }
    }

    fn too_slow(&self) -> String {
        format!("no whole answer within {} ms", self.patience.as_millis())
    }
}

struct Broken {
    why: String,
    /// Nothing of an answer came, and the peer was not slow either.
    stale: bool,
}

fn slow(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

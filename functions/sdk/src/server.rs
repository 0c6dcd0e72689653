//! The event loop: one thread, every connection served as its requests complete, so that an idle keep-alive client holds up
//! nobody.

use crate::http::{Exchange, Flow, Session};
use crate::net::{Connection, Listener, Ready, Waiter};
use std::cmp::Reverse;
use std::io::{self, ErrorKind};

/// Below the usual limit of 1,024 descriptors. More clients than this wait in the listener's queue.
const MAX_PEERS: usize = 1_000;
/// After so many failures in a row with no connection open, nothing suggests that accepting will ever work again.
const MAX_FAILURES: u32 = 100;

struct Peer {
    connection: Connection,
    session: Session,
}

/// Serves until waiting or accepting fails for good; returns why.
pub(crate) fn run(listener: &Listener, exchange: &mut Exchange) -> io::Error {
    let mut waiter = Waiter::new(listener);
    let mut peers: Vec<Peer> = Vec::new();
    let mut ready = Vec::new();
    let mut failures = 0;
    loop {
        // After a failure to accept (no descriptor left), only the end of a connection can help: do not spin on the listener.
        let accepting = peers.is_empty() || (failures == 0 && peers.len() < MAX_PEERS);
        if let Err(error) = waiter.wait(accepting, &mut ready) {
            return error;
        }
        // From the last, so that a removal moves only a peer that has had its turn.
        ready.sort_unstable_by_key(|found| Reverse(found.index));
        for &Ready { index, broken } in &ready {
            if index > 0 {
                if broken || !peers[index - 1].serve(exchange) {
                    waiter.remove(index);
                    peers.swap_remove(index - 1);
                    failures = 0;
                }
                continue;
            }
            if broken {
                return io::Error::other("the listening socket is broken");
            }
            match listener.accept() {
                Ok(connection) => {
                    waiter.add(&connection);
                    peers.push(Peer { connection, session: Session::new() });
                    failures = 0;
                }
                Err(error) => {
                    failures += 1;
                    if failures > MAX_FAILURES {
                        return error;
                    }
                }
            }
        }
    }
}

impl Peer {
    /// Receives once and answers what is complete. False: the connection is over.
    fn serve(&mut self, exchange: &mut Exchange) -> bool {
        let Peer { connection, session } = self;
        let mut send = |parts: [&[u8]; 2]| connection.send_all(parts);
        let flow = match connection.recv(session.room()) {
            Ok(0) => session.ended(exchange, &mut send).map(|()| Flow::Close),
            Ok(count) => session.received(count, exchange, &mut send),
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => Ok(Flow::Open),
            Err(error) => Err(error),
        };
        match flow {
            Ok(Flow::Open) => true,
            Ok(Flow::Drain) => connection.finish().is_ok(),
            Ok(Flow::Close) | Err(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;

//! All the requests of one connection, one after the other.

use super::{Exchange, Inbox, MAX_BODY, Next};
use crate::net::now_ns;
use std::io;

/// Where a response goes: its head and its body.
pub(crate) type Send<'a> = &'a mut dyn FnMut([&[u8]; 2]) -> io::Result<()>;

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// Receive more.
    Open,
    /// Say that nothing more will be sent, but go on receiving: closing with bytes unread would reset the connection, and the
    /// peer could lose the error it was sent.
    Drain,
    Close,
}

/// One connection, without its socket.
#[derive(Debug)]
pub(crate) struct Session {
    inbox: Inbox,
    /// When the first byte of the request at hand was read; for a pipelined one, when its turn came.
    since: u64,
    /// How much more is received and thrown away, once a request was refused.
    draining: Option<usize>,
    was_empty: bool,
}

impl Session {
    pub(crate) fn new() -> Self {
        Session { inbox: Inbox::new(), since: 0, draining: None, was_empty: true }
    }

    /// The buffer to receive into; call [`Session::received`] after.
    pub(crate) fn room(&mut self) -> &mut Vec<u8> {
        self.was_empty = self.inbox.is_empty();
        self.inbox.room()
    }

    /// Answers every request that is now complete. `count` bytes, at least one, were received.
    pub(crate) fn received(&mut self, count: usize, exchange: &mut Exchange, send: Send) -> io::Result<Flow> {
        if let Some(left) = &mut self.draining {
            self.inbox.clear();
            *left = left.saturating_sub(count);
            return Ok(if *left > 0 { Flow::Open } else { Flow::Close });
        }
        if self.was_empty {
            self.since = now_ns();
        }
        loop {
            match self.inbox.next() {
                Ok(Next::Receive) => return Ok(Flow::Open),
                Ok(Next::Invite) => send([b"HTTP/1.1 100 Continue\r\n\r\n", b""])?,
                Ok(Next::Answer(head)) => {
                    send(exchange.answer(&head, self.inbox.body(&head), self.since))?;
                    if !head.keep_alive {
                        return Ok(Flow::Close);
                    }
                    self.inbox.consume(&head);
                    if !self.inbox.is_empty() {
                        self.since = now_ns();
                    }
                }
                Err(fault) => {
                    send(exchange.refuse(fault, self.since))?;
                    self.inbox.clear();
                    self.draining = Some(MAX_BODY);
                    return Ok(Flow::Drain);
                }
            }
        }
    }

    /// The peer sends no more: a request that has begun is answered with 400.
    pub(crate) fn ended(&mut self, exchange: &mut Exchange, send: Send) -> io::Result<()> {
        if self.inbox.is_empty() { Ok(()) } else { send(exchange.refuse(self.inbox.truncated(), self.since)) }
    }
}

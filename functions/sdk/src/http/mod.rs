//! HTTP/1.1 without sockets: bytes in, bytes out.
//!
//! [`Head`] understands one request's head, [`Inbox`] finds where requests begin and end, [`Exchange`] answers one request,
//! [`Session`] does so for all the requests of one connection.

mod exchange;
mod fault;
mod head;
mod inbox;
mod session;

pub(crate) use exchange::Exchange;
pub(crate) use session::{Flow, Session};

use fault::Fault;
use head::{Head, Route};
use inbox::{Inbox, Next};

/// Above this a head is refused with 431.
const MAX_HEAD: usize = 16 << 10;
/// Above this a body is refused with 413.
const MAX_BODY: usize = 64 << 20;

#[cfg(test)]
mod tests;

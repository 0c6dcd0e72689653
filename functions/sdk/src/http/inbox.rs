//! What has arrived on one connection and was not answered yet.

use super::{Fault, Head};

/// Most requests fit; what is larger grows the buffer once its length is known.
const INITIAL_BYTES: usize = 8 << 10;

/// The bytes of the request at hand, and perhaps of those pipelined behind it.
#[derive(Debug)]
pub(crate) struct Inbox {
    bytes: Vec<u8>,
    /// Kept while the body is under way, so that a long one is not paid for with the head being parsed again and again.
    head: Option<Head>,
    invited: bool,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Receive more.
    Receive,
    /// Send `100 Continue`: said once a request.
    Invite,
    /// Answer: head and body are complete.
    Answer(Head),
}

impl Inbox {
    pub(crate) fn new() -> Self {
        Inbox { bytes: Vec::with_capacity(INITIAL_BYTES), head: None, invited: false }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The buffer to receive into; its spare capacity is never empty.
    pub(crate) fn room(&mut self) -> &mut Vec<u8> {
        match &self.head {
            // Exactly, so that one growth and no copying does for a body of any size.
            Some(head) => self.bytes.reserve_exact(head.head_bytes + head.body_bytes - self.bytes.len()),
            None => self.bytes.reserve(INITIAL_BYTES / 2),
        }
        &mut self.bytes
    }

    pub(crate) fn next(&mut self) -> Result<Next, Fault> {
        if self.bytes.is_empty() {
            return Ok(Next::Receive);
        }
        let head = match self.head {
            Some(head) => head,
            None => match Head::parse(&self.bytes)? {
                Some(head) => head,
                None => return Ok(Next::Receive),
            },
        };
        if self.bytes.len() >= head.head_bytes + head.body_bytes {
            return Ok(Next::Answer(head));
        }
        self.head = Some(head);
        if head.expects_continue && !self.invited {
            self.invited = true;
            return Ok(Next::Invite);
        }
        Ok(Next::Receive)
    }

    /// The body of the complete request that `head` begins.
    pub(crate) fn body(&self, head: &Head) -> &[u8] {
        &self.bytes[head.head_bytes..][..head.body_bytes]
    }

    /// Drops the request that `head` begins.
    pub(crate) fn consume(&mut self, head: &Head) {
        let end = head.head_bytes + head.body_bytes;
        if end == self.bytes.len() {
            self.bytes.clear();
        } else {
            self.bytes.drain(..end);
        }
        self.head = None;
        self.invited = false;
    }

    /// The fault of a connection that ended here.
    pub(crate) fn truncated(&self) -> Fault {
        self.head.map_or(Fault::TRUNCATED, |head| Fault::TRUNCATED.on(head.route))
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.head = None;
    }
}

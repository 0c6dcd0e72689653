//! Requests whose beginning or end is in doubt.

use super::Route;

/// A request that is refused before its body is looked at. Where the next one would begin is unknown, so the connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: u16,
    pub(crate) message: &'static str,
    /// Where the request was going, as far as it was understood.
    pub(crate) route: Route,
}

impl Fault {
    pub(crate) const MALFORMED: Fault = fault(400, "malformed request head");
    pub(crate) const LINE_END: Fault = fault(400, "a line of the request head does not end with CR LF");
    pub(crate) const BAD_LENGTH: Fault = fault(400, "Content-Length is not a number");
    pub(crate) const TWO_LENGTHS: Fault = fault(400, "more than one Content-Length");
    pub(crate) const LENGTH_AND_CODING: Fault = fault(400, "both Content-Length and Transfer-Encoding");
    pub(crate) const TRUNCATED: Fault = fault(400, "the connection ended before the request did");
    pub(crate) const CODING: Fault = fault(411, "Transfer-Encoding is not supported: send a Content-Length");
    pub(crate) const BODY_TOO_LARGE: Fault = fault(413, "the body is larger than 64 MiB");
    pub(crate) const EXPECTATION: Fault = fault(417, "the only expectation that can be met is 100-continue");
    pub(crate) const HEAD_TOO_LARGE: Fault = fault(431, "the request head is larger than 16 KiB or has more than 64 fields");

    pub(crate) fn on(self, route: Route) -> Self {
        Fault { route, ..self }
    }
}

const fn fault(status: u16, message: &'static str) -> Fault {
    Fault { status, message, route: Route::Unknown }
}

//! The function's own view of where its time went, and its form on the wire.

use crate::net::now_ns;
use crate::text::push_millis;

/// A timed part of an invocation. What happened twice (an object fetched, then another) is listed twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Bytes to values. The SDK times the request; a function times the objects it fetched.
    Deserialize,
    /// Reading from storage.
    Fetch,
    /// The function's own work.
    Compute,
    /// Hashing the result of a data function.
    Digest,
    /// Writing to storage.
    Store,
    /// Values to bytes. The SDK times the response; a function times the objects it stores.
    Serialize,
}

/// The spans of one invocation, in the order in which they ended. They cannot overlap: `work` has no access to the collection.
#[derive(Debug, Default)]
pub struct Spans(Vec<(Span, u64)>);

impl Spans {
    /// Runs `work` and records its wall time, whether it succeeds or not.
    pub fn time<T>(&mut self, span: Span, work: impl FnOnce() -> T) -> T {
        let start = now_ns();
        let result = work();
        self.0.push((span, now_ns() - start));
        result
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Appends the value of `Server-Timing`: `receive` first, `handle` after all others, then the CPU time of `handle` where it can
    /// be had; in milliseconds with six decimals.
    pub(crate) fn push_timing(&self, out: &mut Vec<u8>, receive_ns: u64, handle_ns: u64, cpu_ns: Option<u64>) {
        out.extend_from_slice(b"receive;dur=");
        push_millis(out, receive_ns);
        for &(span, nanos) in &self.0 {
            // Each literal is copied where its length is known.
            match span {
                Span::Deserialize => out.extend_from_slice(b", deserialize;dur="),
                Span::Fetch => out.extend_from_slice(b", fetch;dur="),
                Span::Compute => out.extend_from_slice(b", compute;dur="),
                Span::Digest => out.extend_from_slice(b", digest;dur="),
                Span::Store => out.extend_from_slice(b", store;dur="),
                Span::Serialize => out.extend_from_slice(b", serialize;dur="),
            }
            push_millis(out, nanos);
        }
        out.extend_from_slice(b", handle;dur=");
        push_millis(out, handle_ns);
        if let Some(cpu_ns) = cpu_ns {
            out.extend_from_slice(b", cpu;dur=");
            push_millis(out, cpu_ns);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_what_happened_in_order_and_repeats() {
        let spans = Spans(vec![(Span::Deserialize, 5), (Span::Fetch, 1_500_000), (Span::Fetch, 7), (Span::Compute, 0)]);
        let mut out = Vec::new();
        spans.push_timing(&mut out, 3, 2_000_000, Some(1_900_000));
        let expected = "receive;dur=0.000003, deserialize;dur=0.000005, fetch;dur=1.500000, fetch;dur=0.000007, \
                        compute;dur=0.000000, handle;dur=2.000000, cpu;dur=1.900000";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn times_what_failed_too() {
        let mut spans = Spans::default();
        let result: Result<(), ()> = spans.time(Span::Store, || Err(()));
        assert!(result.is_err());
        assert_eq!(spans.0.len(), 1);
    }
}

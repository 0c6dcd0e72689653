//! `noop`: does nothing, so that everything around a function can be measured.

use sdk::{Answer, Failure, Nothing, Span, Spans};

/// Does nothing.
pub fn noop(_: Nothing, spans: &mut Spans) -> Result<Answer<Nothing>, Failure> {
    spans.time(Span::Compute, || ());
    Ok(Answer::new(Nothing {}, b""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expected_digest_is_that_of_nothing() {
        let description: serde_json::Value = serde_json::from_str(include_str!("../function.json")).unwrap();
        let answer = noop(Nothing {}, &mut Spans::default()).unwrap();
        assert_eq!(description["payload"], serde_json::Value::Null);
        assert_eq!(description["expected"][0]["payload"], serde_json::Value::Null);
        assert_eq!(description["expected"][0]["digest"], format!("{:016x}", answer.digest()));
        assert_eq!(answer.digest(), sdk::digest(b""));
        assert_eq!(serde_json::to_string(answer.response()).unwrap(), "{}");
    }
}

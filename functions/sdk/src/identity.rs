//! Which instance this is.

use std::env;
use std::hash::{BuildHasher, Hasher, RandomState};

const MAX_LENGTH: usize = 64;

/// `$LUMOS_INSTANCE`, else `$HOSTNAME`, else random; made fit for a header.
pub(crate) fn instance() -> String {
    ["LUMOS_INSTANCE", "HOSTNAME"]
        .into_iter()
        .filter_map(|name| env::var(name).ok())
        .map(|value| clean(&value))
        .find(|value| !value.is_empty())
        .unwrap_or_else(|| format!("i-{:016x}", RandomState::new().build_hasher().finish()))
}

/// At most 64 of `[A-Za-z0-9._-]`; everything else becomes `-`.
fn clean(value: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    value.chars().take(MAX_LENGTH).map(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(clean("pod_1.a-Z\r\nX: é"), "pod_1.a-Z--X---");
        assert_eq!(clean(&"x".repeat(100)).len(), MAX_LENGTH);
    }
}

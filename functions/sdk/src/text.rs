//! Numbers as text, by hand: `write!` costs an interpreter several times as much, and so does every copy whose length the
//! compiler does not know.

/// Appends decimal digits.
pub(crate) fn push_decimal(out: &mut Vec<u8>, mut value: u64) {
    if value < 10 {
        out.push(b'0' + value as u8);
        return;
    }
    let mut digits = [0; 20];
    let mut first = digits.len();
    while value > 0 {
        first -= 1;
        digits[first] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    for &digit in &digits[first..] {
        out.push(digit);
    }
}

/// Appends milliseconds with six decimals, which is every nanosecond.
pub(crate) fn push_millis(out: &mut Vec<u8>, nanos: u64) {
    push_decimal(out, nanos / 1_000_000);
    let mut rest = (nanos % 1_000_000) as u32;
    let mut fraction = *b".000000";
    for digit in fraction[1..].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend_from_slice(&fraction);
}

/// Appends 16 lower-case hexadecimal digits, the highest first.
pub(crate) fn push_hex(out: &mut Vec<u8>, value: u64) {
    let digits: [u8; 16] = std::array::from_fn(|i| b"0123456789abcdef"[(value >> (60 - 4 * i)) as usize & 15]);
    out.extend_from_slice(&digits);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(push: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn decimals_have_no_leading_zeros() {
        for value in [0, 1, 9, 10, 100, 1_234_567_890, u64::MAX] {
            assert_eq!(written(|out| push_decimal(out, value)), value.to_string());
        }
    }

    #[test]
    fn milliseconds_keep_every_nanosecond() {
        for (nanos, text) in [
            (0, "0.000000"),
            (1, "0.000001"),
            (999_999, "0.999999"),
            (1_000_000, "1.000000"),
            (12_345_678_901, "12345.678901"),
            (u64::MAX, "18446744073709.551615"),
        ] {
            assert_eq!(written(|out| push_millis(out, nanos)), text);
        }
    }

    #[test]
    fn hex_keeps_leading_zeros() {
        assert_eq!(written(|out| push_hex(out, 0x00ab_cdef_0123_4567)), "00abcdef01234567");
    }
}

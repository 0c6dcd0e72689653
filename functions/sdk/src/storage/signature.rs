//! AWS Signature Version 4 in a query ("presigned"), of requests that have no query of their own. Algorithm and example: Amazon
//! S3 API Reference, "Authenticating Requests: Using Query Parameters". The body is not signed.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

/// How long a signature is good for.
const VALID_S: u32 = 300;
const DAY_S: u64 = 86_400;

pub(super) struct Signer {
    access_key: String,
    secret: String,
    region: String,
    /// The key that signs on that day: the same for a whole day.
    of_day: Option<(u64, [u8; 32])>,
    valid_s: u32,
}

/// Without the secret.
impl std::fmt::Debug for Signer {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(out, "Signer({})", self.access_key)
    }
}

impl Signer {
    pub(super) fn new(access_key: &str, secret: &str, region: &str) -> Signer {
        let access_key = escaped(access_key);
        Signer { access_key, secret: secret.to_owned(), region: region.to_owned(), of_day: None, valid_s: VALID_S }
    }

    /// The query that makes a request of this path a signed one.
    pub(super) fn query(&mut self, method: &str, host: &str, path: &str, now: SystemTime) -> String {
        let seconds = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let day = seconds / DAY_S;
        let (date, time) = (date(day), seconds % DAY_S);
        let stamp = format!("{date}T{:02}{:02}{:02}Z", time / 3600, time / 60 % 60, time % 60);
        let scope = format!("{date}/{}/s3/aws4_request", self.region);
        let mut query = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}%2F{}&X-Amz-Date={stamp}&X-Amz-Expires={}&X-Amz-SignedHeaders=host",
            self.access_key,
            scope.replace('/', "%2F"),
            self.valid_s
        );
        let request = format!("{method}\n{path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD");
        let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(request)));
        let signature = mac(&self.key_of(day, &date), text.as_bytes());
        query.push_str("&X-Amz-Signature=");
        query.push_str(&hex(&signature));
        query
    }

    fn key_of(&mut self, day: u64, date: &str) -> [u8; 32] {
        match self.of_day {
            Some((known, key)) if known == day => key,
            _ => {
                let first = mac(format!("AWS4{}", self.secret).as_bytes(), date.as_bytes());
                let words = [self.region.as_str(), "s3", "aws4_request"];
                let key = words.iter().fold(first, |key, word| mac(&key, word.as_bytes()));
                self.of_day = Some((day, key));
                key
            }
        }
    }
}

fn mac(key: &[u8], text: &[u8]) -> [u8; 32] {
    // A key may have any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!());
    mac.update(text);
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            all.push(byte.into());
        } else {
            let _ = write!(all, "%{byte:02X}");
        }
        all
    })
}

/// "20130524": the Gregorian date of a day since 1970. Years begin in March here, so that the leap day is their last, and the
/// days before a month follow a straight line.
fn date(day: u64) -> String {
    let since_0000_03 = day + 719_468;
    let (era, of_era) = (since_0000_03 / 146_097, since_0000_03 % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let calendar_month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era + u64::from(calendar_month <= 2);
    format!("{year:04}{calendar_month:02}{of_month:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (day, expected) in
            [(0, "19700101"), (59, "19700301"), (11_016, "20000229"), (15_849, "20130524"), (20_781, "20261124")]
        {
            assert_eq!(date(day), expected);
        }
    }

    #[test]
    fn agrees_with_the_published_example() {
        let mut signer = Signer::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1");
        signer.valid_s = 86_400;
        let at = UNIX_EPOCH + Duration::from_secs(15_849 * DAY_S);
        for _ in 0..2 {
            let query = signer.query("GET", "examplebucket.s3.amazonaws.com", "/test.txt", at);
            let signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
            assert_eq!(query.split_once("&X-Amz-Signature=").unwrap().1, signature);
        }
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert!(!format!("{:?}", Signer::new("a", "hidden", "r")).contains("hidden"));
    }
}

//! One stream of numbers for each input.

use sha2::{Digest, Sha256};

/// SplitMix64 (Steele, Lea, Flood 2014): short, and good enough for inputs.
pub struct Random(u64);

impl Random {
    /// The stream of one input: another function, payload or seed gives another.
    pub fn of(function: &str, payload: Option<i64>, seed: u64) -> Self {
        let hash = Sha256::digest(format!("{function} {payload:?} {seed}"));
        Random(u64::from_le_bytes(hash[..8].try_into().expect("a hash has more than 8 bytes")))
    }

    /// Any number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below `end`, which is above 0. (Not quite evenly: by less than 2^-32 for what is asked here.)
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Bytes without any pattern.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).take(count).collect()
    }
}

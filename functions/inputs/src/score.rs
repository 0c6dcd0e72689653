//! A score: notes that wander, swell and fade.

use crate::random::Random;
use audio_generation::{FRAME_BYTES, MAX_NOTE};

const SCALE: [u8; 7] = [0, 2, 4, 5, 7, 9, 11];

/// Exactly so many bytes, a multiple of a frame's.
pub fn score(random: &mut Random, bytes: usize) -> Vec<u8> {
    let mut frames = Vec::with_capacity(bytes + FRAME_BYTES);
    let mut step = 21;
    while frames.len() < bytes {
        step = (step + random.below(5)).clamp(2, 50) - 2;
        let note = (24 + 12 * (step / 7) as u8 + SCALE[step % 7]).min(MAX_NOTE);
        let (length, timbre, above) = (100 + random.below(900), random.below(256) as u8, [0, 4, 7, 12][random.below(4)]);
        for at in 0..length {
            let loudness = 255 * at.min(length - at) * 2 / length;
            frames.extend([note, loudness.min(255) as u8, timbre, above]);
        }
    }
    frames.truncate(bytes);
    frames
}

//! `audio-generation`: a score becomes a WAV file: integer arithmetic over a stream, and twice as much that goes out.

use hound::{SampleFormat, WavSpec, WavWriter};
use sdk::{Canonical, Failure, Nothing};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io::Cursor;

/// Samples a second.
pub const RATE: u32 = 8_000;
/// A frame of the score lasts for so many samples: half a millisecond.
pub const FRAME_SAMPLES: usize = 4;
/// Bytes of a frame.
pub const FRAME_BYTES: usize = 4;
/// B6 is the highest note.
pub const MAX_NOTE: u8 = 95;

/// What is to be heard.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Score {
    /// Frames of four bytes: note (MIDI's number, 0 to 95), loudness, timbre (0 is a sine, 255 a sawtooth), and a second voice
    /// so many semitones above the first (0: none).
    #[prost(bytes = "vec", tag = "1")]
    #[serde(with = "sdk::base64")]
    pub frames: Vec<u8>,
}

/// What is heard.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Audio {
    /// A WAV file: 16 bits, one channel, 8 kHz.
    #[prost(bytes = "vec", tag = "1")]
    #[serde(with = "sdk::base64")]
    pub wav: Vec<u8>,
}

impl Canonical for Score {
    fn canonical(&self) -> Cow<'_, [u8]> {
        self.frames.as_slice().into()
    }
}

impl Canonical for Audio {
    fn canonical(&self) -> Cow<'_, [u8]> {
        self.wav.as_slice().into()
    }
}

/// How far C6 to B6 get within one sample, where 2^32 is a whole turn. An octave lower is half of that.
const TOP_OCTAVE: [u32; 12] = [
    561836623, 595245168, 630640287, 668140110, 707869788, 749961916, 794556973, 841803789, 891860047, 944892805, 1001079055,
    1060606313,
];

fn increment(note: u8) -> u32 {
    TOP_OCTAVE[usize::from(note % 12)] >> (7 - note / 12)
}

/// Between a parabola that stands for the sine and a sawtooth; −32,768 to 32,767.
fn wave(phase: u32, timbre: u8) -> i32 {
    let saw = i32::from((phase >> 16) as i16);
    let sine = ((saw * (32_768 - saw.abs())) >> 13).min(32_767);
    let timbre = i32::from(timbre);
    (sine * (255 - timbre) + saw * timbre) / 255
}

/// Calls `put` with every sample. Phases go on from frame to frame, so that a change of note does not click.
fn synthesise(frames: &[u8], mut put: impl FnMut(i16)) {
    let (mut first, mut second) = (0u32, 0u32);
    for frame in frames.chunks_exact(FRAME_BYTES) {
        let &[note, loudness, timbre, above] = frame else { unreachable!("chunks are exact") };
        let steps = [increment(note), if above == 0 { 0 } else { increment(note.saturating_add(above).min(MAX_NOTE)) }];
        for _ in 0..FRAME_SAMPLES {
            first = first.wrapping_add(steps[0]);
            second = second.wrapping_add(steps[1]);
            let voices = if above == 0 { wave(first, timbre) } else { (wave(first, timbre) + wave(second, timbre)) / 2 };
            put((voices * i32::from(loudness) / 255) as i16);
        }
    }
}

/// Plays the score.
pub fn generate(_: Nothing, score: Score) -> Result<Audio, Failure> {
    if score.frames.len() % FRAME_BYTES != 0 {
        return Err(Failure::bad_request("frames must be a multiple of 4 bytes"));
    }
    if score.frames.iter().step_by(FRAME_BYTES).any(|&note| note > MAX_NOTE) {
        return Err(Failure::bad_request("a note must be from 0 to 95"));
    }
    let samples = score.frames.len() / FRAME_BYTES * FRAME_SAMPLES;
    let spec = WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut wav = Vec::with_capacity(64 + 2 * samples);
    write(&mut wav, spec, samples, &score.frames).map_err(|error| Failure::bad_request(error.to_string()))?;
    Ok(Audio { wav })
}

fn write(wav: &mut Vec<u8>, spec: WavSpec, samples: usize, frames: &[u8]) -> Result<(), hound::Error> {
    let mut writer = WavWriter::new(Cursor::new(wav), spec)?;
    let mut block = writer.get_i16_writer(samples as u32);
    synthesise(frames, |sample| block.write_sample(sample));
    block.flush()?;
    writer.finalize()
}

#[cfg(test)]
mod tests;

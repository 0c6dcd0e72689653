//! `image-resize`: a PNG picture is decoded, enlarged, and encoded again: three stages of byte arithmetic.
//!
//! The resampling is this crate's own: libraries for it choose instructions by the processor, and would compare those instead
//! of runtimes; and it is integer arithmetic, so that the pixels are the same everywhere.

use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter, Limits};
use sdk::{Canonical, Failure};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io::Cursor;

const MAX_SIDE: u32 = 4_096;
/// Red, green, blue.
const CHANNELS: usize = 3;

/// How large the picture becomes.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Of each side: 1 to 1,000.
    #[prost(uint32, tag = "1")]
    pub percent: u32,
}

/// A picture.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// A PNG file, 8 bits of red, green and blue a pixel, at most 4,096 pixels a side.
    #[prost(bytes = "vec", tag = "1")]
    #[serde(with = "sdk::base64")]
    pub png: Vec<u8>,
}

impl Canonical for Picture {
    fn canonical(&self) -> Cow<'_, [u8]> {
        self.png.as_slice().into()
    }
}

/// Rows of pixels without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// From the top left.
    pub bytes: Vec<u8>,
}

fn refused(error: impl ToString) -> Failure {
    Failure::bad_request(error.to_string())
}

/// Reads a picture.
pub fn decode(png: &[u8]) -> Result<Pixels, Failure> {
    let mut decoder = Decoder::new(Cursor::new(png));
    decoder.set_limits(Limits { bytes: 64 << 20 });
    let mut reader = decoder.read_info().map_err(refused)?;
    let (width, height) = (reader.info().width, reader.info().height);
    if reader.output_color_type() != (ColorType::Rgb, BitDepth::Eight) {
        return Err(refused("the picture must have 8 bits of red, green and blue a pixel"));
    }
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(refused("the picture must have at most 4096 pixels a side"));
    }
    let mut bytes = vec![0; width as usize * height as usize * CHANNELS];
    reader.next_frame(&mut bytes).map_err(refused)?;
    Ok(Pixels { width, height, bytes })
}

/// Writes a picture, fast rather than small.
pub fn encode(pixels: &Pixels) -> Result<Vec<u8>, Failure> {
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, pixels.width, pixels.height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    encoder.set_filter(Filter::Up);
    let mut writer = encoder.write_header().map_err(refused)?;
    writer.write_image_data(&pixels.bytes).map_err(refused)?;
    writer.finish().map_err(refused)?;
    Ok(png)
}

/// Where a new row or column lies among the old ones: the one before it, the one after it, and how close to the latter, of 256.
/// Centres of pixels correspond.
fn places(old: u32, new: u32) -> Vec<(usize, usize, u32)> {
    let place = |at: u64| {
        let scaled = ((2 * at + 1) * u64::from(old) * 128 / u64::from(new)).saturating_sub(128);
        let before = (scaled >> 8) as usize;
        (before, (before + 1).min(old as usize - 1), (scaled & 255) as u32)
    };
    (0..u64::from(new)).map(place).collect()
}

/// Bilinear interpolation, in whole numbers of a 256th.
fn interpolate(old: &Pixels, width: u32, height: u32) -> Pixels {
    let columns = places(old.width, width);
    let row = |at: usize| &old.bytes[at * old.width as usize * CHANNELS..][..old.width as usize * CHANNELS];
    let mut bytes = Vec::with_capacity(width as usize * height as usize * CHANNELS);
    for (above, below, down) in places(old.height, height) {
        let (above, below) = (row(above), row(below));
        for &(left, right, across) in &columns {
            for channel in 0..CHANNELS {
                let (left, right) = (left * CHANNELS + channel, right * CHANNELS + channel);
                let mix = |row: &[u8]| u32::from(row[left]) * (256 - across) + u32::from(row[right]) * across;
                bytes.push(((mix(above) * (256 - down) + mix(below) * down + (1 << 15)) >> 16) as u8);
            }
        }
    }
    Pixels { width, height, bytes }
}

/// Changes both sides.
pub fn resize(Parameters { percent }: Parameters, picture: Picture) -> Result<Picture, Failure> {
    if !(1..=1_000).contains(&percent) {
        return Err(refused("percent must be from 1 to 1000"));
    }
    let old = decode(&picture.png)?;
    let side = |old: u32| (u64::from(old) * u64::from(percent) / 100).max(1) as u32;
    let (width, height) = (side(old.width), side(old.height));
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(refused("the picture would have more than 4096 pixels a side"));
    }
    Ok(Picture { png: encode(&interpolate(&old, width, height))? })
}

#[cfg(test)]
mod tests;

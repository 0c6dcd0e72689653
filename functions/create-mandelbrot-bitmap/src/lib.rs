//! `create-mandelbrot-bitmap`: a picture of the Mandelbrot set: computation in double precision, and megabytes that go out.
//!
//! Only + − × on f64: the same pixels on every runtime.

use sdk::{Answer, Failure, Span, Spans};
use serde::{Deserialize, Serialize};

const MAX_SIZE: u32 = 4096;
/// After so many steps a point belongs to the set; steps are shades of the palette.
const MAX_STEPS: u8 = 63;
/// File header, bitmap header, palette of 256 colours.
const HEADERS: usize = 14 + 40 + 4 * 256;

/// What is asked for.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Pixels a side: 1 to 4,096.
    #[prost(uint32, tag = "1")]
    pub size: u32,
}

/// What was drawn.
#[derive(Serialize, Deserialize, prost::Message)]
pub struct Response {
    /// A Windows bitmap of 8 bits a pixel.
    #[prost(bytes = "vec", tag = "1")]
    #[serde(with = "sdk::base64")]
    pub bitmap: Vec<u8>,
}

/// How many steps of z² + c stay within a radius of 2.
fn steps(real: f64, imaginary: f64) -> u8 {
    let (mut x, mut y) = (0.0, 0.0);
    for step in 0..MAX_STEPS {
        let (xx, yy) = (x * x, y * y);
        if xx + yy > 4.0 {
            return step;
        }
        y = 2.0 * x * y + imaginary;
        x = xx - yy + real;
    }
    MAX_STEPS
}

/// Rows are multiples of four bytes.
fn row_bytes(size: u32) -> usize {
    size.next_multiple_of(4) as usize
}

fn put_headers(out: &mut Vec<u8>, size: u32) {
    let pixels = row_bytes(size) * size as usize;
    let long = |value: usize| (value as u32).to_le_bytes();
    out.extend_from_slice(b"BM");
    for value in [HEADERS + pixels, 0, HEADERS, 40, size as usize, size as usize] {
        out.extend_from_slice(&long(value));
    }
    out.extend_from_slice(&[1, 0, 8, 0]); // planes, bits a pixel
    for value in [0, pixels, 2835, 2835, 256, 0] {
        out.extend_from_slice(&long(value)); // no compression; 72 dots an inch
    }
    for shade in 0..=255u8 {
        let light = if shade < MAX_STEPS { shade.wrapping_mul(4) } else { 0 };
        out.extend_from_slice(&[light, light / 2, 255 - light, 0]);
    }
}

/// Rows from below, as the format wants them. The square from −2 − 1.25 i to 0.5 + 1.25 i.
fn draw(size: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADERS + row_bytes(size) * size as usize);
    put_headers(&mut out, size);
    let step = 2.5 / f64::from(size);
    for row in 0..size {
        let imaginary = f64::from(row) * step - 1.25;
        out.extend((0..size).map(|column| steps(f64::from(column) * step - 2.0, imaginary)));
        out.resize(HEADERS + row_bytes(size) * (row as usize + 1), 0);
    }
    out
}

/// Answers one request.
pub fn create(Request { size }: Request, spans: &mut Spans) -> Result<Answer<Response>, Failure> {
    if !(1..=MAX_SIZE).contains(&size) {
        return Err(Failure::bad_request("size must be from 1 to 4096"));
    }
    let bitmap = spans.time(Span::Compute, || draw(size));
    let digest = spans.time(Span::Digest, || sdk::digest(&bitmap));
    Ok(Answer::with_digest(Response { bitmap }, digest))
}

#[cfg(test)]
mod tests;

//! A picture of hills under a sky, with the grain of a photograph.

use crate::random::Random;
use image_resize::Pixels;

const WIDTH: u32 = 320;
const HEIGHT: u32 = 240;
const RANGES: usize = 4;

/// Heights of one range of hills, from left to right: straight between random points.
fn ridge(random: &mut Random, height: usize) -> Vec<usize> {
    const SPAN: usize = 40;
    let points: Vec<usize> = (0..=WIDTH as usize / SPAN).map(|_| height + random.below(40)).collect();
    (0..WIDTH as usize).map(|x| (points[x / SPAN] * (SPAN - x % SPAN) + points[x / SPAN + 1] * (x % SPAN)) / SPAN).collect()
}

/// 320 × 240, other hills each time.
pub fn picture(random: &mut Random) -> Pixels {
    let ranges: Vec<Vec<usize>> = (0..RANGES).map(|range| ridge(random, 60 + 45 * range)).collect();
    let sun = (random.below(WIDTH as usize), 20 + random.below(40));
    let mut bytes = Vec::with_capacity((WIDTH * HEIGHT * 3) as usize);
    for y in 0..HEIGHT as usize {
        for x in 0..WIDTH as usize {
            let range = ranges.iter().rposition(|ridge| y >= ridge[x]);
            let in_sun = x.abs_diff(sun.0).pow(2) + y.abs_diff(sun.1).pow(2) < 150;
            let colour = match range {
                Some(range) => [40 + 10 * (RANGES - range), 60 + 25 * range, 110 - 25 * range],
                None if in_sun => [250, 240, 200],
                None => [120 + y / 3, 170 + y / 4, 235],
            };
            let grain = random.below(12);
            bytes.extend(colour.map(|channel| (channel + grain).min(255) as u8));
        }
    }
    Pixels { width: WIDTH, height: HEIGHT, bytes }
}

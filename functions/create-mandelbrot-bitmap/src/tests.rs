use super::*;
use serde_json::Value;

#[test]
fn points_are_where_they_belong() {
    for (real, imaginary, expected) in
        [(0.0, 0.0, MAX_STEPS), (-1.0, 0.0, MAX_STEPS), (0.0, 1.0, MAX_STEPS), (2.0, 2.0, 1), (0.5, 0.5, 5)]
    {
        assert_eq!(steps(real, imaginary), expected, "{real} {imaginary}");
    }
}

/// Reads the file as the format's description has it, from its own header on.
#[test]
fn the_file_is_a_bitmap() {
    for size in [1u32, 2, 3, 4, 64, 65] {
        let file = draw(size);
        let long = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
        assert_eq!(&file[..2], b"BM");
        assert_eq!((long(2) as usize, long(14), long(18), long(22)), (file.len(), 40, size, size));
        assert_eq!((file[26], file[28], long(30)), (1, 8, 0));
        let (offset, row) = (long(10) as usize, file.len() - long(10) as usize);
        assert_eq!(row, size.next_multiple_of(4) as usize * size as usize);
        assert_eq!(long(34) as usize, row);
        let pixel = |x: u32, y: u32| file[offset + (y * size.next_multiple_of(4) + x) as usize];
        // Twice as far apart, the same points: coarse pixels are every second of a finer picture.
        let finer = draw(size * 2);
        let fine = |x: u32, y: u32| finer[offset + (y * (2 * size).next_multiple_of(4) + x) as usize];
        for (x, y) in (0..size).flat_map(|y| (0..size).map(move |x| (x, y))) {
            assert_eq!(pixel(x, y), fine(2 * x, 2 * y), "{size}: {x} {y}");
        }
    }
    let picture = draw(64);
    let inside = picture[HEADERS..].iter().filter(|&&shade| shade == MAX_STEPS).count() as f64;
    assert!((inside / 4096.0 * 6.25 - 1.5).abs() < 0.15, "the set's area is about 1.5: {inside}");
}

#[test]
fn the_expected_digests_are_right() {
    let description: Value = serde_json::from_str(include_str!("../function.json")).unwrap();
    for entry in description["expected"].as_array().unwrap() {
        let size = entry["payload"].as_u64().unwrap() as u32;
        let answer = create(Request { size }, &mut Spans::default()).unwrap();
        assert_eq!(entry["digest"], format!("{:016x}", answer.digest()), "{size}");
    }
    assert_eq!(description["payload"]["max"], MAX_SIZE);
}

#[test]
fn the_size_has_limits() {
    for size in [0, MAX_SIZE + 1] {
        let answer = create(Request { size }, &mut Spans::default());
        assert_eq!(answer.err(), Some(Failure::bad_request("size must be from 1 to 4096")));
    }
}

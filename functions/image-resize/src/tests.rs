use super::*;

/// Steep and gentle slopes, no two rows alike.
fn example(width: u32, height: u32) -> Pixels {
    let pixel = |x: u32, y: u32| [(x * 7 + y) as u8, (y * 3) as u8, ((x * y) / 5) as u8];
    let bytes = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect();
    Pixels { width, height, bytes }
}

fn resized(pixels: &Pixels, percent: u32) -> Result<Pixels, Failure> {
    resize(Parameters { percent }, Picture { png: encode(pixels).unwrap() }).map(|picture| decode(&picture.png).unwrap())
}

#[test]
fn a_hundred_percent_changes_nothing() {
    for (width, height) in [(1, 1), (2, 3), (64, 48)] {
        assert_eq!(resized(&example(width, height), 100).unwrap(), example(width, height));
    }
}

#[test]
fn one_colour_stays_one() {
    let plain = Pixels { width: 10, height: 7, bytes: [200, 3, 255].repeat(70) };
    for percent in [10, 50, 150, 333] {
        assert!(resized(&plain, percent).unwrap().bytes.chunks(3).all(|pixel| pixel == [200, 3, 255]), "{percent}");
    }
}

#[test]
fn agrees_with_interpolation_in_floating_point() {
    let old = example(40, 30);
    for percent in [150, 200, 250, 300, 70] {
        let new = resized(&old, percent).unwrap();
        assert_eq!((new.width, new.height), (40 * percent / 100, 30 * percent / 100));
        let place = |at: u32, old: u32, new: u32| {
            let exact = ((f64::from(at) + 0.5) * f64::from(old) / f64::from(new) - 0.5).max(0.0);
            (exact.floor() as usize, (exact.floor() as usize + 1).min(old as usize - 1), exact.fract())
        };
        for (y, x, channel) in (0..new.height).flat_map(|y| (0..new.width).flat_map(move |x| (0..3).map(move |c| (y, x, c)))) {
            let ((above, below, down), (left, right, across)) =
                (place(y, old.height, new.height), place(x, old.width, new.width));
            let at = |row: usize, column: usize| f64::from(old.bytes[(row * 40 + column) * 3 + channel]);
            let mix = |row| at(row, left) * (1.0 - across) + at(row, right) * across;
            let exact = mix(above) * (1.0 - down) + mix(below) * down;
            let ours = f64::from(new.bytes[((y * new.width + x) * 3) as usize + channel]);
            assert!((exact - ours).abs() <= 2.5, "{percent} %: {x} {y}: {ours} for {exact}");
        }
    }
}

#[test]
fn what_is_no_picture_is_refused() {
    let png = encode(&example(20, 20)).unwrap();
    for percent in [0, 1_001] {
        assert!(resized(&example(2, 2), percent).is_err());
    }
    assert!(resized(&example(500, 2), 1_000).is_err(), "too wide");
    assert!(resize(Parameters { percent: 100 }, Picture { png: b"GIF89a".to_vec() }).is_err());
    for end in 0..png.len() - 12 {
        // The last chunk says only that this is the end.
        assert!(decode(&png[..end]).is_err(), "cut to {end}");
    }
    let mut grey = Vec::new();
    let mut encoder = Encoder::new(&mut grey, 1, 1);
    encoder.set_color(ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&[7]).unwrap();
    assert!(decode(&grey).is_err());
}

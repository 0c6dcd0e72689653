use super::*;
use serde_json::Value;

#[test]
fn the_energies_are_the_published_ones() {
    // The Computer Language Benchmarks Game prints these for its n-body programs.
    for (steps, published) in [(0, "-0.169075164"), (1_000, "-0.169087605"), (500_000, "-0.169096567")] {
        assert_eq!(format!("{:.9}", energy(&after(steps))), published, "{steps}");
    }
}

#[test]
fn the_centre_of_mass_stays_where_it_is() {
    let centre = |bodies: &[Body; BODIES], axis: usize| bodies.iter().map(|body| body.place[axis] * body.mass).sum::<f64>();
    let (begin, end) = (system(), after(20_000));
    for axis in 0..3 {
        assert!((centre(&begin, axis) - centre(&end, axis)).abs() < 1e-9);
    }
}

#[test]
fn the_expected_digests_are_right() {
    let description: Value = serde_json::from_str(include_str!("../function.json")).unwrap();
    for entry in description["expected"].as_array().unwrap() {
        let steps = entry["payload"].as_u64().unwrap() as u32;
        let answer = simulate(Request { steps }, &mut Spans::default()).unwrap();
        assert_eq!(entry["digest"], format!("{:016x}", answer.digest()), "{steps}");
    }
    assert_eq!(description["payload"]["max"], MAX_STEPS);
}

#[test]
fn the_steps_have_a_limit() {
    let answer = simulate(Request { steps: MAX_STEPS + 1 }, &mut Spans::default());
    assert_eq!(answer.err(), Some(Failure::bad_request("steps must be from 0 to 100000000")));
}

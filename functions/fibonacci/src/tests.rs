use super::*;
use serde_json::Value;

type Matrix = [[u64; 2]; 2];

fn product(a: Matrix, b: Matrix) -> Matrix {
    let cell = |i: usize, j: usize| a[i][0].wrapping_mul(b[0][j]).wrapping_add(a[i][1].wrapping_mul(b[1][j]));
    [[cell(0, 0), cell(0, 1)], [cell(1, 0), cell(1, 1)]]
}

/// The same number by another way: [[1, 1], [1, 0]] to the n-th power, by squaring.
fn by_squaring(mut n: u64) -> u64 {
    let (mut power, mut square) = ([[1, 0], [0, 1]], [[1, 1], [1, 0]]);
    while n > 0 {
        if n & 1 == 1 {
            power = product(power, square);
        }
        square = product(square, square);
        n >>= 1;
    }
    power[0][1]
}

fn ask(n: u64) -> Result<Answer<Response>, Failure> {
    fibonacci(Request { n }, &mut Spans::default())
}

#[test]
fn agrees_with_matrix_powers() {
    for n in (0..200).chain([1_000, 65_537, 1_000_003]) {
        assert_eq!(sum(n), by_squaring(n), "{n}");
    }
    assert_eq!(sum(10), 55);
    assert_eq!(sum(93), 12_200_160_415_121_876_738, "the last that fits into 64 bits");
    assert_eq!(sum(94), 1_293_530_146_158_671_551, "the first that wraps");
}

#[test]
fn the_expected_digests_are_right() {
    let description: Value = serde_json::from_str(include_str!("../function.json")).unwrap();
    let expected = description["expected"].as_array().unwrap();
    for entry in expected {
        let n = entry["payload"].as_u64().unwrap();
        let digest = |value: u64| format!("{value:016x}");
        assert_eq!(entry["digest"], digest(sdk::digest(&by_squaring(n).to_le_bytes())), "{n}");
        assert_eq!(entry["digest"], digest(ask(n).unwrap().digest()), "{n}");
    }
    for payload in [0, 1, 1_000, 10_000, 100_000, 1_000_000, 2_500_000] {
        assert!(expected.iter().any(|entry| entry["payload"] == payload), "{payload} is missing");
    }
    assert_eq!(description["payload"]["max"], MAX_N);
}

#[test]
fn the_value_is_a_decimal_string() {
    let answer = ask(94).unwrap();
    assert_eq!(serde_json::to_string(answer.response()).unwrap(), r#"{"n":94,"value":"1293530146158671551"}"#);
}

#[test]
fn n_has_a_limit() {
    assert_eq!(ask(MAX_N + 1).err(), Some(Failure::bad_request("n must be from 0 to 1000000000")));
}

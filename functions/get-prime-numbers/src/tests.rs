use super::*;
use serde_json::Value;

/// The same by another way: trial division by the primes so far.
fn by_division(limit: u32) -> Response {
    let (mut found, mut primes) = (Response::default(), Vec::<u32>::new());
    for n in 2..=limit {
        if primes.iter().take_while(|&&prime| prime * prime <= n).all(|prime| n % prime != 0) {
            primes.push(n);
            found.add(n as usize);
        }
    }
    found
}

#[test]
fn agrees_with_trial_division() {
    for limit in (0..1_000).chain([10_006, 10_007, 10_008, 100_000]) {
        assert_eq!(sieve(limit), by_division(limit), "{limit}");
    }
    let million = sieve(1_000_000);
    assert_eq!(
        (million.count, million.largest, million.sum),
        (78_498, 999_983, 37_550_402_023),
        "OEIS A006880, A003618, A046731"
    );
}

#[test]
fn the_expected_digests_are_right() {
    let description: Value = serde_json::from_str(include_str!("../function.json")).unwrap();
    let expected = description["expected"].as_array().unwrap();
    for entry in expected {
        let limit = entry["payload"].as_u64().unwrap() as u32;
        let answer = get_prime_numbers(Request { limit }, &mut Spans::default()).unwrap();
        assert_eq!(entry["digest"], format!("{:016x}", answer.digest()), "{limit}");
        assert_eq!(entry["digest"], format!("{:016x}", sdk::digest(&by_division(limit).canonical())), "{limit}");
    }
    assert_eq!(description["payload"]["max"], MAX_LIMIT);
}

#[test]
fn the_limit_has_a_limit() {
    let answer = get_prime_numbers(Request { limit: MAX_LIMIT + 1 }, &mut Spans::default());
    assert_eq!(answer.err(), Some(Failure::bad_request("limit must be from 0 to 100000000")));
}

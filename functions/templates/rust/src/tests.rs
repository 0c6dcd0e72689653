use super::*;
use serde_json::Value;

fn ask(n: u64) -> Result<Answer<Response>, Failure> {
    answer(Request { n }, &mut Spans::default())
}

#[test]
fn the_expected_digests_are_right() {
    let description: Value = serde_json::from_str(include_str!("../function.json")).unwrap();
    for entry in description["expected"].as_array().unwrap() {
        let n = entry["payload"].as_u64().unwrap();
        assert_eq!(entry["digest"], format!("{:016x}", ask(n).unwrap().digest()), "{n}");
    }
    assert_eq!(description["payload"]["max"], MAX_N);
}

#[test]
fn one_step_is_what_the_generator_says() {
    assert_eq!(steps(0), SEED);
    assert_eq!(steps(1), 8_748_534_153_485_358_512);
}

#[test]
fn n_has_a_limit() {
    assert_eq!(ask(MAX_N + 1).err(), Some(Failure::bad_request("n must be from 0 to 1000000000")));
}

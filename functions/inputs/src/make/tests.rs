use super::*;
use serde_json::Value as Json;
use std::collections::HashSet;
use std::fs;

fn order(function: &str, payload: Option<i64>, format: Format, stored: bool) -> Order {
    Order { function: function.into(), payload, format, stored, seed: 42 }
}

/// Every function.json of the workspace.
fn descriptions() -> Vec<Json> {
    let folders = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap();
    let files = folders.filter_map(|folder| fs::read_to_string(folder.unwrap().path().join("function.json")).ok());
    let descriptions: Vec<Json> = files.map(|text| serde_json::from_str(&text).unwrap()).collect();
    assert_eq!(descriptions.len(), 14);
    descriptions
}

fn small(description: &Json) -> (&str, Option<i64>) {
    (description["name"].as_str().unwrap(), description["small"].as_i64())
}

#[test]
fn every_function_has_inputs_of_every_format_and_place() {
    for description in descriptions() {
        let (name, payload) = small(&description);
        let mut digests = HashSet::new();
        let mut contents = HashSet::new();
        for format in Format::ALL {
            for stored in [false, true] {
                let made = order(name, payload, format, stored).make();
                if stored && description["stored"] == false {
                    assert!(made.unwrap_err().contains("takes no stored object"));
                    continue;
                }
                let made = made.unwrap();
                assert_eq!((made.object.is_some(), made.result.is_some()), (stored, stored), "{name}");
                digests.insert(made.digest);
                if description["stored"] == true {
                    contents.insert(made.content);
                }
            }
        }
        assert_eq!(digests.len(), 1, "{name}: one result, whatever the format and the place");
        assert!(contents.len() <= 1, "{name}: one input");
    }
}

#[test]
fn sizes_are_true_and_inputs_distinct() {
    let mut contents = HashSet::new();
    for description in descriptions().iter().filter(|description| description["payload"]["unit"] == "KiB") {
        let name = description["name"].as_str().unwrap();
        for kib in [1, 2, 50] {
            for seed in [42, 43] {
                let made = Order { seed, ..order(name, Some(kib), Format::Cbor, true) }.make().unwrap();
                assert_eq!(made.content.len(), kib as usize * 1024, "{name}");
                assert!(contents.insert(made.content), "{name} {kib} {seed}");
            }
        }
    }
    assert!(contents.len() >= 6 * 7);
}

#[test]
fn the_same_order_makes_the_same_input() {
    for description in descriptions() {
        let (name, payload) = small(&description);
        let make = || order(name, payload, Format::Json, false).make().unwrap().request;
        assert!(make() == make(), "{name}");
    }
}

/// What a runtime must answer is what the function answers here. Large payloads are left to `functions verify`: this is compiled
/// without optimisation.
#[test]
fn the_expected_digests_are_right() {
    for description in descriptions() {
        let name = description["name"].as_str().unwrap();
        let expected = description["expected"].as_array().unwrap();
        for entry in expected.iter().filter(|entry| description["kind"] != "compute" && entry["payload"].as_i64() <= Some(200))
        {
            let made = order(name, entry["payload"].as_i64(), Format::Protobuf, false).make().unwrap();
            assert_eq!(entry["digest"], format!("{:016x}", made.digest), "{name} {entry}");
        }
        for payload in description["sweep"].as_array().unwrap().iter().chain([&description["small"]]) {
            assert!(expected.iter().any(|entry| &entry["payload"] == payload), "{name}: {payload} has no expected digest");
        }
    }
}

#[test]
fn texts_are_in_many_languages() {
    let text = text::text(&mut Random::of("a test", None, 1), 100_000);
    let found = language_detection::detect(Nothing {}, language_detection::Text { text }).unwrap().languages;
    let codes: Vec<_> = found.iter().map(|share| share.code.as_str()).collect();
    assert_eq!(codes, ["deu", "eng", "fra", "ita", "nld", "pol", "por", "rus", "spa"]);
}

#[test]
fn the_misspelt_word_is_found_again() {
    let random = &mut Random::of("a test", None, 2);
    let text = text::text(random, 10_000);
    for _ in 0..20 {
        let query = text::misspelt(random, &text);
        let found =
            fuzzy_search::search(fuzzy_search::Parameters { query, limit: 1 }, fuzzy_search::Text { text: text.clone() });
        assert!(found.unwrap().matches[0].distance <= 2);
    }
}

#[test]
fn a_token_is_right_for_an_hour() {
    let request = token(&mut Random::of("a test", None, 3));
    let ask = |now| token_auth::verify(token_auth::Request { now, ..request.clone() }, &mut Spans::default()).unwrap();
    assert!(ask(request.now).response().valid && ask(request.now + 3_599).response().valid);
    assert_eq!(ask(request.now + 3_600).response().reason, "expired");
}

#[test]
fn what_cannot_be_made_is_said() {
    for (function, payload, message) in [
        ("teapot", Some(1), "no inputs are known for a function \"teapot\""),
        ("fibonacci", None, "fibonacci needs --payload"),
        ("fibonacci", Some(-1), "payload -1 is below 0"),
        ("fibonacci", Some(i64::MAX), "n must be from 0 to 1000000000"),
        ("get-prime-numbers", Some(1 << 40), "payload 1099511627776 is too large"),
        ("transfer", Some(0), "payload 0 is not from 1 to 32768"),
    ] {
        assert_eq!(order(function, payload, Format::Json, false).make().unwrap_err(), message);
    }
}

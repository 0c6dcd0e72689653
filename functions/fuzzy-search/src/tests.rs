use super::*;

fn found(query: &str, limit: u32, text: &str) -> Vec<(u32, u64, String)> {
    let matches = search(Parameters { query: query.into(), limit }, Text { text: text.into() }).unwrap().matches;
    matches.into_iter().map(|found| (found.distance, found.position, found.word)).collect()
}

/// The distance by its definition.
fn by_definition(a: &[char], b: &[char]) -> u32 {
    match (a.split_first(), b.split_first()) {
        (None, _) => b.len() as u32,
        (_, None) => a.len() as u32,
        (Some((x, rest_of_a)), Some((y, rest_of_b))) => {
            let replaced = by_definition(rest_of_a, rest_of_b) + u32::from(x != y);
            replaced.min(by_definition(rest_of_a, b) + 1).min(by_definition(a, rest_of_b) + 1)
        }
    }
}

#[test]
fn finds_the_closest_and_says_where() {
    let text = "The garden, the gardener — der Garten! Gärten; garden";
    assert_eq!(found("gardn", 3, text), [(1, 4, "garden".into()), (1, 50, "garden".into()), (3, 16, "gardener".into())]);
    assert_eq!(&text[50..56], "garden");
    assert_eq!(found("Garten", 1, text), [(0, 33, "Garten".into())]);
    assert_eq!(found("x", 10, " .,;"), []);
}

#[test]
fn agrees_with_sorting_all_by_the_definition() {
    let text = "one two three four five six one three tree free fore for 1 2 33 é èé";
    let letters = |word: &str| word.chars().collect::<Vec<_>>();
    for query in ["three", "fou", "é", "zzzz"] {
        let mut all: Vec<_> =
            words(text).map(|(at, word)| (by_definition(&letters(query), &letters(word)), at, word.to_string())).collect();
        all.sort();
        for limit in [1, 3, all.len(), 1_000] {
            assert_eq!(found(query, limit as u32, text), all[..limit.min(all.len())], "{query} {limit}");
        }
    }
}

#[test]
fn parameters_have_limits() {
    for (query, limit, message) in [
        (String::new(), 1, "query must be 1 to 64 bytes"),
        ("x".repeat(65), 1, "query must be 1 to 64 bytes"),
        ("x".into(), 0, "limit must be from 1 to 1000"),
        ("x".into(), 1_001, "limit must be from 1 to 1000"),
    ] {
        assert_eq!(search(Parameters { query, limit }, Text::default()).unwrap_err(), Failure::bad_request(message));
    }
}

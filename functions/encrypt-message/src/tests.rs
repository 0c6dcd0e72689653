use super::*;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn agrees_with_the_published_vectors() {
    // McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13 and 14: an empty text, and 16 zero bytes.
    let zeros = || Parameters { key: vec![0; 32], nonce: vec![0; 12] };
    let sealed = |text: String| encrypt(zeros(), Message { text }).unwrap().bytes;
    assert_eq!(sealed(String::new()), hex("530f8afbc74536b9a963b4f1c4cb738b"));
    assert_eq!(sealed("\0".repeat(16)), hex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"));
}

#[test]
fn lengths_are_checked() {
    for (key, nonce, message) in
        [(31, 12, "key must be 32 bytes"), (32, 13, "nonce must be 12 bytes"), (0, 0, "key must be 32 bytes")]
    {
        let parameters = Parameters { key: vec![1; key], nonce: vec![1; nonce] };
        assert_eq!(encrypt(parameters, Message::default()).unwrap_err(), Failure::bad_request(message));
    }
}

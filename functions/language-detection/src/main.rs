//! Serves `language-detection`.

fn main() {
    sdk::serve_data(language_detection::detect)
}

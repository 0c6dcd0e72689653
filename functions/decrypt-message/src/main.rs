//! Serves `decrypt-message`.

fn main() {
    sdk::serve_data(decrypt_message::decrypt)
}

//! Serves `encrypt-message`.

fn main() {
    sdk::serve_data(encrypt_message::encrypt)
}

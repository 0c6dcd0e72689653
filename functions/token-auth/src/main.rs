//! Serves `token-auth`.

fn main() {
    sdk::serve(token_auth::verify)
}

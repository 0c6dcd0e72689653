//! Serves `transfer`.

fn main() {
    sdk::serve_data(transfer::transfer)
}

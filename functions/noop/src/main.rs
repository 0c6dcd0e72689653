//! Serves `noop`.

fn main() {
    sdk::serve(noop::noop)
}

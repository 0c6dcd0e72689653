//! Serves `@name@`.

fn main() {
    sdk::serve(@identifier@::answer)
}

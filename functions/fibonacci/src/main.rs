//! Serves `fibonacci`.

fn main() {
    sdk::serve(fibonacci::fibonacci)
}

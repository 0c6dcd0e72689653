//! Serves `zip-compression`.

fn main() {
    sdk::serve_data(zip_compression::compress)
}

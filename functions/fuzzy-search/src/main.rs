//! Serves `fuzzy-search`.

fn main() {
    sdk::serve_data(fuzzy_search::search)
}

//! Serves `get-prime-numbers`.

fn main() {
    sdk::serve(get_prime_numbers::get_prime_numbers)
}

//! What one reading of each of the SDK's clocks costs, in nanoseconds: `./dev bench clock` runs it on every kind of code.

use sdk::net::{cpu_ns, now_ns};
use std::hint::black_box;

const READINGS: u64 = 200_000;

fn cost(read: impl Fn() -> u64) -> f64 {
    let begin = now_ns();
    for _ in 0..READINGS {
        black_box(read());
    }
    (now_ns() - begin) as f64 / READINGS as f64
}

fn main() {
    println!("{:.2} {:.2}", cost(now_ns), cost(|| cpu_ns().unwrap_or(0)));
}

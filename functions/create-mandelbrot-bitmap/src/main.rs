//! Serves `create-mandelbrot-bitmap`.

fn main() {
    sdk::serve(create_mandelbrot_bitmap::create)
}

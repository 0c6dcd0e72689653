//! Serves `image-resize`.

fn main() {
    sdk::serve_data(image_resize::resize)
}

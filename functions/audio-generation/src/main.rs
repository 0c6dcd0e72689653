//! Serves `audio-generation`.

fn main() {
    sdk::serve_data(audio_generation::generate)
}

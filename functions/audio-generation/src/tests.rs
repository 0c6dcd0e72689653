use super::*;

fn audio(frames: &[u8]) -> Audio {
    generate(Nothing {}, Score { frames: frames.to_vec() }).unwrap()
}

fn samples(audio: &Audio) -> Vec<i16> {
    hound::WavReader::new(audio.wav.as_slice()).unwrap().into_samples().collect::<Result<_, _>>().unwrap()
}

#[test]
fn the_file_says_what_it_is_and_is_twice_the_score() {
    let audio = audio(&[69, 255, 0, 0].repeat(1_000));
    let reader = hound::WavReader::new(audio.wav.as_slice()).unwrap();
    assert_eq!((reader.spec().sample_rate, reader.spec().channels, reader.spec().bits_per_sample), (8_000, 1, 16));
    assert_eq!(reader.len() as usize, 1_000 * FRAME_SAMPLES);
    assert_eq!(audio.wav.len(), 44 + 2 * 4_000);
}

/// Upward passages through zero in a second.
fn pitch(samples: &[i16]) -> usize {
    samples.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count()
}

#[test]
fn notes_have_their_pitch() {
    for (note, hertz) in [(69u8, 440), (81, 880), (57, 220), (60, 262), (95, 1976)] {
        for timbre in [0, 128, 255] {
            let heard = pitch(&samples(&audio(&[note, 255, timbre, 0].repeat(2_000))));
            assert!(heard.abs_diff(hertz) <= 1, "{note}: {heard} Hz");
        }
    }
}

#[test]
fn a_sine_is_close_to_one() {
    for step in 0..1_000u32 {
        let angle = f64::from(step) / 1_000.0 * std::f64::consts::TAU;
        let ours = f64::from(wave((u64::from(step) * (1u64 << 32) / 1_000) as u32, 0)) / 32_768.0;
        assert!((ours - angle.sin()).abs() < 0.06, "{step}: {ours}");
    }
}

#[test]
fn loudness_is_linear_and_two_voices_do_not_overflow() {
    let peak = |frame: [u8; 4]| samples(&audio(&frame.repeat(2_000))).iter().map(|&s| i32::from(s).abs()).max().unwrap();
    assert_eq!(peak([60, 0, 0, 0]), 0);
    assert!((peak([60, 128, 0, 0]) - 32_767 * 128 / 255).abs() < 200);
    assert!(peak([60, 255, 255, 7]) > 20_000);
    assert!(peak([95, 255, 255, 255]) > 20_000);
}

#[test]
fn what_is_no_score_is_refused() {
    for (frames, message) in
        [(vec![1, 2, 3], "frames must be a multiple of 4 bytes"), (vec![96, 0, 0, 0], "a note must be from 0 to 95")]
    {
        let refused = generate(Nothing {}, Score { frames }).unwrap_err();
        assert_eq!(refused, Failure::bad_request(message));
    }
    assert_eq!(samples(&audio(&[])).len(), 0);
}

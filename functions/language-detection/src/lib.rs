//! `language-detection`: which languages a text is written in, paragraph by paragraph: counting and looking up groups of letters.

use sdk::{Canonical, Failure, Nothing};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What is looked at.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// A line is a paragraph.
    #[prost(string, tag = "1")]
    pub text: String,
}

/// What was found.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Languages {
    /// By code.
    #[prost(message, repeated, tag = "1")]
    pub languages: Vec<Share>,
}

/// How much is written in one language.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// ISO 639-3: "eng"; "und" for what has no letters.
    #[prost(string, tag = "1")]
    pub code: String,
    /// Paragraphs.
    #[prost(uint32, tag = "2")]
    pub paragraphs: u32,
    /// Their bytes.
    #[prost(uint64, tag = "3")]
    pub bytes: u64,
}

impl Canonical for Text {
    fn canonical(&self) -> Cow<'_, [u8]> {
        self.text.as_bytes().into()
    }
}

impl Canonical for Languages {
    fn canonical(&self) -> Cow<'_, [u8]> {
        let mut bytes = Vec::new();
        for share in &self.languages {
            bytes.extend_from_slice(share.code.as_bytes());
            bytes.extend_from_slice(&share.paragraphs.to_le_bytes());
            bytes.extend_from_slice(&share.bytes.to_le_bytes());
        }
        bytes.into()
    }
}

/// Looks at every paragraph that is not empty.
pub fn detect(_: Nothing, Text { text }: Text) -> Result<Languages, Failure> {
    let mut found = BTreeMap::<&str, (u32, u64)>::new();
    for paragraph in text.lines().filter(|line| !line.trim().is_empty()) {
        let code = whatlang::detect_lang(paragraph).map_or("und", |language| language.code());
        let (paragraphs, bytes) = found.entry(code).or_default();
        *paragraphs += 1;
        *bytes += paragraph.len() as u64;
    }
    let share = |(code, (paragraphs, bytes)): (&str, _)| Share { code: code.into(), paragraphs, bytes };
    Ok(Languages { languages: found.into_iter().map(share).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(text: &str) -> Vec<(String, u32, u64)> {
        let found = detect(Nothing {}, Text { text: text.into() }).unwrap();
        found.languages.into_iter().map(|share| (share.code, share.paragraphs, share.bytes)).collect()
    }

    #[test]
    fn knows_languages_from_their_words() {
        for (code, text) in [
            ("eng", "The weather was fine this morning, and everybody went down to the harbour to look at the ships."),
            ("deu", "Das Wetter war heute Morgen schön, und alle gingen hinunter zum Hafen, um die Schiffe zu sehen."),
            ("fra", "Il faisait beau ce matin, et tout le monde est descendu au port pour regarder les bateaux."),
            ("rus", "Утром была хорошая погода, и все спустились в гавань посмотреть на корабли."),
            ("und", "1234 5678"),
        ] {
            assert_eq!(shares(text), [(code.into(), 1, text.len() as u64)]);
        }
    }

    #[test]
    fn counts_paragraphs_and_bytes() {
        let (english, german) =
            ("The house stands on a hill above the town.", "Das Haus steht auf einem Hügel über der Stadt.");
        let text = format!("{english}\n\n{german}\r\n  \n{english}\n");
        assert_eq!(shares(&text), [("deu".into(), 1, german.len() as u64), ("eng".into(), 2, 2 * english.len() as u64)]);
        assert_eq!(shares(""), []);
    }
}

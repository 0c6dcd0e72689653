//! `zip-compression`: documents become a ZIP archive: looking for repetitions, and less that goes out than came in.

use sdk::{Canonical, Failure, Nothing};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What is to be packed.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// In their order in the archive.
    #[prost(message, repeated, tag = "1")]
    pub documents: Vec<Document>,
}

/// One file.
#[derive(Clone, PartialEq, Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its name in the archive; each once.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its content.
    #[prost(string, tag = "2")]
    pub text: String,
}

/// What was packed.
#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
pub struct Archive {
    /// A ZIP file; deflated, level 6.
    #[prost(bytes = "vec", tag = "1")]
    #[serde(with = "sdk::base64")]
    pub zip: Vec<u8>,
}

impl Canonical for Folder {
    fn canonical(&self) -> Cow<'_, [u8]> {
        self.documents.iter().flat_map(|document| document.text.bytes()).collect()
    }
}

impl Canonical for Archive {
    fn canonical(&self) -> Cow<'_, [u8]> {
        self.zip.as_slice().into()
    }
}

/// Packs every document. No clock is asked: all are of 1 January 1980, where the format's time begins.
pub fn compress(_: Nothing, folder: Folder) -> Result<Archive, Failure> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(6))
        .last_modified_time(zip::DateTime::default());
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut pack = || -> zip::result::ZipResult<()> {
        for document in &folder.documents {
            writer.start_file(document.name.as_str(), options)?;
            writer.write_all(document.text.as_bytes())?;
        }
        Ok(())
    };
    pack().map_err(|error| Failure::bad_request(error.to_string()))?;
    let zip = writer.finish().map_err(|error| Failure::bad_request(error.to_string()))?;
    Ok(Archive { zip: zip.into_inner() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn document(name: &str, text: &str) -> Document {
        Document { name: name.into(), text: text.into() }
    }

    #[test]
    fn what_was_packed_can_be_unpacked() {
        let documents =
            vec![document("a.txt", &"the same again ".repeat(10_000)), document("b/c.txt", ""), document("é.txt", "x")];
        let archive = compress(Nothing {}, Folder { documents: documents.clone() }).unwrap();
        assert!(archive.zip.len() < 2_000, "{}", archive.zip.len());
        let mut reader = zip::ZipArchive::new(Cursor::new(archive.zip)).unwrap();
        let unpacked = (0..reader.len()).map(|i| {
            let mut file = reader.by_index(i).unwrap();
            let (name, mut text) = (file.name().to_string(), String::new());
            file.read_to_string(&mut text).unwrap();
            Document { name, text }
        });
        assert!(unpacked.collect::<Vec<_>>() == documents);
    }

    #[test]
    fn a_name_that_comes_twice_is_refused() {
        let documents = vec![document("a", "1"), document("a", "2")];
        assert!(compress(Nothing {}, Folder { documents }).is_err());
    }
}

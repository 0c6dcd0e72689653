use super::*;
use serde::Deserialize;

#[derive(Clone, PartialEq, Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
struct Example {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(bytes = "vec", tag = "2")]
    #[serde(with = "crate::base64")]
    data: Vec<u8>,
    #[prost(uint64, tag = "3")]
    count: u64,
}

fn example(size: usize) -> Example {
    Example { name: "a \"name\" é".into(), data: (0..size).map(|i| (i * 7) as u8).collect(), count: u64::MAX }
}

fn encoded(format: Format, value: &Example) -> Vec<u8> {
    let mut bytes = b"kept".to_vec();
    format.encode(value, &mut bytes).unwrap();
    assert!(bytes.starts_with(b"kept"), "{format:?} appends");
    bytes.split_off(4)
}

#[test]
fn what_was_written_is_read() {
    for format in Format::ALL {
        for size in [0, 1, 2, 3, 1000, 4095, 4096, 4097, 100_000] {
            let value = example(size);
            assert!(format.decode::<Example>(&encoded(format, &value)).unwrap() == value, "{format:?} {size}");
        }
    }
}

#[test]
fn the_bytes_are_those_of_the_standards() {
    let value = Example { name: "é".into(), data: vec![0, 1, 254], count: 300 };
    assert_eq!(encoded(Format::Json, &value), r#"{"name":"é","data":"AAH+","count":300}"#.as_bytes());
    let cbor = b"\xa3\x64name\x62\xc3\xa9\x64data\x43\x00\x01\xfe\x65count\x19\x01\x2c";
    assert_eq!(encoded(Format::Cbor, &value), cbor);
    assert_eq!(encoded(Format::Protobuf, &value), b"\x0a\x02\xc3\xa9\x12\x03\x00\x01\xfe\x18\xac\x02");
}

#[test]
fn what_is_no_whole_value_is_refused() {
    for format in Format::ALL {
        let bytes = encoded(format, &example(100));
        for end in 0..bytes.len() {
            // A Protobuf message may end between any two fields.
            let refused = format.decode::<Example>(&bytes[..end]).is_err();
            assert!(refused || (format == Format::Protobuf && bytes[..end].len() < bytes.len()), "{format:?} {end}");
        }
        assert!(format.decode::<Example>(&[bytes.as_slice(), b"\xff"].concat()).is_err(), "{format:?}: something after it");
    }
    assert!(Format::Protobuf.decode::<Example>(&encoded(Format::Protobuf, &example(100))[..50]).is_err(), "within a field");
}

#[test]
fn says_what_is_wrong() {
    let bad: [(Format, &[u8], &str); 14] = [
        (Format::Json, b"", "the request must be a JSON object"),
        (Format::Json, b"[]", "the request must be a JSON object"),
        (Format::Json, br#"{"name":1"#, "invalid type: integer `1`, expected a string at line 1 column 9"),
        (Format::Json, br#"{"name":"","data":"A","count":1}"#, "not base64: Invalid"),
        (Format::Json, br#"{"name":"","name":""}"#, "duplicate field `name`"),
        (Format::Json, br#"{"other":1}"#, "unknown field `other`"),
        (Format::Cbor, b"", "the request must be a CBOR map"),
        (Format::Cbor, b"\x80", "the request must be a CBOR map"),
        (Format::Cbor, b"\xa0", "missing field `name`"),
        (Format::Cbor, b"\xa1\x64name\x01", "Mismatch { name: \"str\", found: 1 }"),
        (Format::Cbor, b"\xa1\x64na", "Eof { name"),
        (Format::Cbor, b"\xa1\xff\xff", "not valid CBOR, or not what was expected: "),
        (Format::Protobuf, b"\x0a\x01\xff", "invalid string value"),
        (Format::Protobuf, b"\x08\x01", "invalid wire type"),
    ];
    for (format, bytes, message) in bad {
        let failure = format.decode::<Example>(bytes).unwrap_err();
        assert_eq!(failure.status, 400);
        assert!(failure.message.contains(message), "{format:?} {bytes:?}: {}", failure.message);
    }
}

#[test]
fn a_length_is_not_believed() {
    // Maps, texts and byte strings that announce 2^62 bytes: refused without asking for the memory.
    let long = b"\x7b\x40\0\0\0\0\0\0\0";
    for bytes in [
        [b"\xbb\x40\0\0\0\0\0\0\0".as_slice(), b""].concat(),
        [b"\xa1".as_slice(), long].concat(),
        [b"\xa1\x64data\x5b".as_slice(), &long[1..], b"x"].concat(),
    ] {
        assert_eq!(Format::Cbor.decode::<Example>(&bytes).unwrap_err().status, 400);
    }
    assert!(Format::Protobuf.decode::<Example>(b"\x12\xff\xff\xff\xff\xff\xff\xff\x3fx").is_err());
}

#[test]
fn large_numbers_are_text_in_json_alone() {
    #[derive(PartialEq, Serialize, Deserialize, prost::Message)]
    struct Large {
        #[prost(uint64, tag = "1")]
        #[serde(serialize_with = "decimal")]
        value: u64,
    }
    let written = |format: Format| {
        let mut bytes = Vec::new();
        format.encode(&Large { value: 1 << 60 }, &mut bytes).unwrap();
        bytes
    };
    assert_eq!(written(Format::Json), br#"{"value":"1152921504606846976"}"#);
    assert_eq!(written(Format::Cbor), b"\xa1\x65value\x1b\x10\0\0\0\0\0\0\0");
    assert_eq!(Format::Protobuf.decode::<Large>(&written(Format::Protobuf)).unwrap(), Large { value: 1 << 60 });
}

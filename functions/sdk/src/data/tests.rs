use super::*;
use crate::Format;
use std::fs;
use std::path::PathBuf;

#[derive(Clone, Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
struct Text {
    #[prost(string, tag = "1")]
    text: String,
}

#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
struct Times {
    #[prost(uint32, tag = "1")]
    times: u32,
}

impl Canonical for Text {
    fn canonical(&self) -> Cow<'_, [u8]> {
        self.text.as_bytes().into()
    }
}

fn repeat(parameters: Times, object: Text) -> Result<Text, Failure> {
    match parameters.times {
        0 => Err(Failure::bad_request("times must be above 0")),
        times => Ok(Text { text: object.text.repeat(times as usize) }),
    }
}

/// A folder that is a storage; gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lumos-sdk-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn handler(&self) -> Handler<'static> {
        let place = format!("local:{}", self.0.display());
        handler(Storage::from_variables(|name| (name == "LUMOS_STORAGE").then(|| place.clone())).unwrap(), repeat)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

type Response = (Result<u64, Failure>, Vec<u8>, String);

fn call(handler: &mut Handler, format: Format, body: &[u8]) -> Response {
    let (mut spans, mut out, mut timing) = (Spans::default(), Vec::new(), Vec::new());
    let result = handler(format, body, &mut spans, &mut out);
    spans.push_timing(&mut timing, 0, 0, None);
    let names = String::from_utf8(timing).unwrap();
    let names: Vec<_> = names.split(", ").map(|span| span.split(';').next().unwrap()).collect();
    (result, out, names[1..names.len() - 1].join(" "))
}

fn encoded<T: Value>(format: Format, value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    format.encode(value, &mut bytes).unwrap();
    bytes
}

fn by_key(input: &str, output: &str) -> Call<Times, Text> {
    Call { parameters: Times { times: 3 }, object: None, input: Some(input.into()), output: Some(output.into()) }
}

#[test]
fn an_object_comes_and_goes_with_the_request() {
    let folder = Folder::new("inline");
    for format in Format::ALL {
        let request = Call { object: Some(Text { text: "ab".into() }), input: None, output: None, ..by_key("", "") };
        let (result, out, spans) = call(&mut folder.handler(), format, &encoded(format, &request));
        assert_eq!(result.unwrap(), digest(b"ababab"));
        assert_eq!(format.decode::<Outcome<Text>>(&out).unwrap().object.unwrap().text, "ababab");
        assert_eq!(spans, "deserialize compute digest serialize");
    }
    let (result, out, _) = call(&mut folder.handler(), Format::Json, br#"{"parameters":{"times":1},"object":{"text":"x"}}"#);
    assert_eq!((result.unwrap(), out.as_slice()), (digest(b"x"), br#"{"object":{"text":"x"}}"#.as_slice()));
}

#[test]
fn an_object_comes_from_and_goes_to_storage() {
    let folder = Folder::new("stored");
    let mut handler = folder.handler();
    for format in Format::ALL {
        fs::write(folder.0.join("in"), encoded(format, &Text { text: "ab".into() })).unwrap();
        let (result, out, spans) = call(&mut handler, format, &encoded(format, &by_key("in", "out")));
        assert_eq!(result.unwrap(), digest(b"ababab"));
        assert_eq!(spans, "deserialize fetch deserialize compute digest serialize store serialize");
        let stored = fs::read(folder.0.join("out")).unwrap();
        assert_eq!(format.decode::<Text>(&stored).unwrap().text, "ababab");
        let outcome = format.decode::<Outcome<Text>>(&out).unwrap();
        assert_eq!((outcome.output.as_deref(), outcome.bytes), (Some("out"), Some(stored.len() as u64)));
        assert!(outcome.object.is_none());
    }
}

#[test]
fn a_call_names_one_place_of_its_object() {
    let folder = Folder::new("places");
    let mut handler = folder.handler();
    for body in [
        r#"{"parameters":{"times":1}}"#,
        r#"{"parameters":{"times":1},"input":"a"}"#,
        r#"{"parameters":{"times":1},"output":"a"}"#,
        r#"{"parameters":{"times":1},"object":{"text":""},"output":"a"}"#,
        r#"{"parameters":{"times":1},"object":{"text":""},"input":"a","output":"a"}"#,
    ] {
        let (result, _, spans) = call(&mut handler, Format::Json, body.as_bytes());
        assert_eq!(result, Err(Failure::bad_request("a call has either an object, or the keys input and output")), "{body}");
        assert_eq!(spans, "deserialize");
    }
    let (result, ..) = call(&mut handler, Format::Json, br#"{"object":{"text":"x"}}"#);
    assert_eq!(result, Err(Failure::bad_request("times must be above 0")), "the function's own refusal");
}

#[test]
fn what_storage_does_wrong_is_502_and_a_key_that_is_none_400() {
    let folder = Folder::new("wrong");
    let mut handler = folder.handler();
    fs::write(folder.0.join("nonsense"), "nonsense").unwrap();
    fs::write(folder.0.join("good"), r#"{"text":"x"}"#).unwrap();
    for (input, output, status) in [
        ("missing", "out", 502),
        ("nonsense", "out", 502),
        ("good", "no/such/folder", 502),
        ("", "out", 400),
        ("../good", "out", 400),
        ("/etc/passwd", "out", 400),
        ("a//b", "out", 400),
        ("good", "../out", 400),
        ("good\n", "out", 400),
    ] {
        let (result, out, _) = call(&mut handler, Format::Json, &encoded(Format::Json, &by_key(input, output)));
        assert_eq!(result.unwrap_err().status, status, "{input:?} {output:?}");
        assert!(out.is_empty());
    }
    let (result, ..) = call(&mut handler, Format::Json, &encoded(Format::Json, &by_key("good", "out")));
    assert_eq!(result, Ok(digest(b"xxx")), "the next one is served");
}

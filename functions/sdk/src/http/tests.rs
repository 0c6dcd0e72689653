use super::*;
use crate::{Answer, Failure, Span, Spans, answer::handler};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, prost::Message)]
#[serde(deny_unknown_fields)]
struct Request {
    #[prost(uint64, tag = "1")]
    n: u64,
}

#[derive(Serialize, Deserialize, prost::Message)]
struct Response {
    #[prost(uint64, tag = "1")]
    n: u64,
}

fn function(request: Request, spans: &mut Spans) -> Result<Answer<Response>, Failure> {
    match request.n {
        0 => Err(Failure::bad_request("n must not be \"0\"")),
        13 => Err(Failure::storage("no such object")),
        n => Ok(spans.time(Span::Compute, || Answer::new(Response { n }, n.to_le_bytes()))),
    }
}

/// What a fresh connection sends back when `pieces` arrive one by one, and whether it is open after that.
fn serve<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, then_ends: bool) -> (String, Flow) {
    let mut exchange = Exchange::new("test".into(), handler(function));
    let mut session = Session::new();
    let mut sent = Vec::new();
    let mut send = |parts: [&[u8]; 2]| {
        sent.extend_from_slice(&parts.concat());
        Ok(())
    };
    let mut flow = Flow::Open;
    for mut piece in pieces.into_iter().filter(|piece| !piece.is_empty()) {
        while !piece.is_empty() && flow == Flow::Open {
            let room = session.room();
            let count = piece.len().min(room.capacity() - room.len());
            room.extend_from_slice(&piece[..count]);
            flow = session.received(count, &mut exchange, &mut send).unwrap();
            piece = &piece[count..];
        }
    }
    if then_ends && flow == Flow::Open {
        session.ended(&mut exchange, &mut send).unwrap();
        flow = Flow::Close;
    }
    (String::from_utf8(sent).unwrap(), flow)
}

/// Without what differs from run to run, or with the way the bytes were split.
fn stable(sent: &str) -> String {
    let lines = sent.split_inclusive("\r\n").filter(|line| !line.starts_with("Server-Timing: "));
    lines.collect::<String>().replace("HTTP/1.1 100 Continue\r\n\r\n", "")
}

/// The statuses of the responses to `bytes`, in one piece, split in two at every position, and byte by byte.
fn statuses(bytes: &[u8]) -> (Vec<u16>, Flow) {
    let (whole, flow) = serve([bytes], false);
    let check = |(split, split_flow): (String, Flow), how: &str| {
        let shown = String::from_utf8_lossy(bytes);
        assert_eq!((stable(&split), split_flow), (stable(&whole), flow), "{how} of {shown:?}");
    };
    for at in 1..bytes.len() {
        check(serve([&bytes[..at], &bytes[at..]], false), "split");
    }
    check(serve(bytes.chunks(1), false), "every byte alone");
    let statuses = stable(&whole);
    let statuses = statuses.split("HTTP/1.1 ").skip(1).map(|response| response[..3].parse().unwrap()).collect();
    (statuses, flow)
}

fn post(fields: &str, body: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{fields}\r\n{body}", body.len())
}

#[test]
fn answers_good_requests_however_they_are_split() {
    let ok = post("", r#"{"n":7}"#);
    for (request, status, flow) in [
        (ok.clone(), vec![200], Flow::Open),
        (format!("{ok}{ok}\r\n{ok}"), vec![200, 200, 200], Flow::Open),
        (post("Connection: close\r\n", r#"{"n":7}"#), vec![200], Flow::Close),
        (post("connection: x, CLOSE , keep-alive\r\n", r#"{"n":7}"#), vec![200], Flow::Close),
        (post("Expect: 100-continue\r\n", r#"{"n":7}"#), vec![200], Flow::Open),
        (ok.replace("Content-Length: 7", "content-LENGTH:007\t "), vec![200], Flow::Open),
        (ok.replace("POST /", "POST /?a=b"), vec![200], Flow::Open),
        (ok.replace("1.1", "1.0"), vec![200], Flow::Close),
        (post("Connection: Keep-Alive\r\n", r#"{"n":7}"#).replace("1.1", "1.0"), vec![200], Flow::Open),
        (format!("GET /healthz HTTP/1.1\r\n\r\n{ok}"), vec![200, 200], Flow::Open),
        (format!("GET /nothing HTTP/1.1\r\nContent-Length: 2\r\n\r\n{{}}{ok}"), vec![404, 200], Flow::Open),
        (format!("GET / HTTP/1.1\r\n\r\nPOST /healthz HTTP/1.1\r\n\r\n{ok}"), vec![405, 405, 200], Flow::Open),
        (format!("HEAD /healthz HTTP/1.1\r\n\r\n{ok}"), vec![405, 200], Flow::Open),
        // Bad for the function, but nothing is wrong with the framing: the connection stays.
        (format!("{}{ok}", post("", r#"{"n":0}"#)), vec![400, 200], Flow::Open),
        (format!("{}{ok}", post("", r#"{"n":13}"#)), vec![502, 200], Flow::Open),
        (post("", ""), vec![400], Flow::Open),
        ("POST / HTTP/1.1\r\n\r\n".into(), vec![400], Flow::Open),
        (post("", "[7]"), vec![400], Flow::Open),
        (post("", r#"{"n":7,"m":1}"#), vec![400], Flow::Open),
        (post("", r#"{"n":7}x"#), vec![400], Flow::Open),
        (post("", r#"{"n":-1}"#), vec![400], Flow::Open),
        (post("", r#"{"n":1.5}"#), vec![400], Flow::Open),
    ] {
        assert_eq!(statuses(request.as_bytes()), (status, flow), "{request:?}");
    }
}

#[test]
fn the_response_has_the_format_of_the_request() {
    for (content_type, body, format, answer) in [
        ("", "{\"n\":7}", "application/json", "{\"n\":7}"),
        ("Content-Type: application/json\r\n", "{\"n\":7}", "application/json", "{\"n\":7}"),
        ("Content-Type: application/x-www-form-urlencoded\r\n", "{\"n\":7}", "application/json", "{\"n\":7}"),
        ("Content-Type: application/cbor-seq\r\n", "{\"n\":7}", "application/json", "{\"n\":7}"),
        ("content-TYPE: Application/X-protobuf;a=b\r\n", "\x08\x07", "application/x-protobuf", "\x08\x07"),
    ] {
        let (sent, _) = serve([post(content_type, body).as_bytes()], false);
        assert!(sent.starts_with("HTTP/1.1 200 "), "{content_type}: {sent}");
        assert!(sent.contains(&format!("Content-Type: {format}\r\n")), "{content_type}: {sent}");
        assert!(sent.ends_with(&format!("\r\n\r\n{answer}")), "{content_type}: {sent}");
    }
    let (sent, _) = serve([post("Content-Type: application/x-protobuf\r\n", "{\"n\":7}").as_bytes()], false);
    assert!(sent.starts_with("HTTP/1.1 400 ") && sent.contains("Content-Type: application/json"), "{sent}");
}

#[test]
fn refuses_doubtful_framing_however_it_is_split() {
    let smuggled = post("", r#"{"n":7}"#);
    for (request, status) in [
        // Two readings of where the body ends.
        (post("Content-Length: 8\r\n", r#"{"n":7}"#), 400),
        (post("Content-Length: 7\r\n", r#"{"n":7}"#), 400),
        (post("Transfer-Encoding: chunked\r\n", r#"{"n":7}"#), 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n".into(), 411),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n".into(), 411),
        ("POST / HTTP/1.1\r\nContent-Length: 7, 7\r\n\r\n".into(), 400),
        ("POST / HTTP/1.1\r\nContent-Length: +7\r\n\r\n".into(), 400),
        ("POST / HTTP/1.1\r\nContent-Length: -7\r\n\r\n".into(), 400),
        ("POST / HTTP/1.1\r\nContent-Length: 0x7\r\n\r\n".into(), 400),
        ("POST / HTTP/1.1\r\nContent-Length: 7 7\r\n\r\n".into(), 400),
        ("POST / HTTP/1.1\r\nContent-Length:\r\n\r\n".into(), 400),
        // Two readings of where a field ends, or what it is called.
        ("POST / HTTP/1.1\r\nContent-Length : 7\r\n\r\n".into(), 400),
        ("POST / HTTP/1.1\r\n Content-Length: 7\r\n\r\n".into(), 400),
        ("POST / HTTP/1.1\r\nA: b\r\n Content-Length: 7\r\n\r\n".into(), 400),
        ("POST / HTTP/1.1\r\nA: b\rContent-Length: 7\r\n\r\n".into(), 400),
        ("POST / HTTP/1.1\r\nA: b\0c\r\n\r\n".into(), 400),
        ("POST / HTTP/1.1\r\nA: b\nContent-Length: 7\r\n\r\n".into(), 400),
        ("POST / HTTP/1.1\nA: b\r\n\r\n".into(), 400),
        ("POST / HTTP/1.1\r\nA: b\r\n\n".into(), 400),
        ("\nPOST / HTTP/1.1\r\n\r\n".into(), 400),
        // No HTTP/1 at all.
        ("POST  / HTTP/1.1\r\n\r\n".into(), 400),
        ("POST / HTTP/2.0\r\n\r\n".into(), 400),
        ("POST /\r\n\r\n".into(), 400),
        ("\x16\x03\x01\x02".into(), 400),
        // Limits.
        (format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", MAX_BODY + 1), 413),
        (format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", "9".repeat(40)), 413),
        (post("Expect: 200-ok\r\n", "{}"), 417),
    ] {
        let (statuses, flow) = statuses(format!("{request}{smuggled}").as_bytes());
        assert_eq!((statuses.as_slice(), flow), ([status].as_slice(), Flow::Drain), "{request:?}");
    }
}

#[test]
fn a_head_of_16_kib_is_the_largest() {
    let body = r#"{"n":7}"#;
    let rest = post("A: \r\n", body).len() - body.len();
    let request = |extra: usize| post(&format!("A: {}\r\n", "x".repeat(MAX_HEAD - rest + extra)), body);
    for (size, status) in [(0, "200"), (1, "431"), (10_000, "431")] {
        for piece in [1usize << 20, 1000, 16 << 10] {
            let (sent, _) = serve(request(size).as_bytes().chunks(piece), false);
            assert_eq!(&sent[9..12], status, "{size} bytes more, in pieces of {piece}");
        }
    }
    let fields = "A: b\r\n".repeat(63);
    assert!(serve([post(&fields, body).as_bytes()], false).0.starts_with("HTTP/1.1 431"));
}

#[test]
fn a_connection_that_ends_within_a_request_gets_400() {
    let request = post("", r#"{"n":7}"#);
    for end in 1..request.len() {
        let (sent, _) = serve([&request.as_bytes()[..end]], true);
        assert!(sent.starts_with("HTTP/1.1 400 "), "{end}: {sent}");
        assert!(sent.contains("the connection ended before the request did"));
    }
    assert_eq!(serve([b"".as_slice()], true).0, "");
    assert_eq!(statuses(request.as_bytes()).0, [200]);
}

#[test]
fn a_waiting_client_is_invited_once_to_send_its_body() {
    let request = post("Expect: 100-continue\r\n", r#"{"n":7}"#);
    let (head, body) = request.as_bytes().split_at(request.len() - 7);
    let (sent, _) = serve([head, &body[..3], &body[3..]], false);
    assert!(sent.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), "{sent}");
    assert_eq!(sent.matches("100 Continue").count(), 1);
    let (sent, _) = serve([request.as_bytes(), head], false);
    assert!(sent.starts_with("HTTP/1.1 200 OK"), "nobody waits when the body is already here: {sent}");
    assert!(sent.ends_with("100 Continue\r\n\r\n"), "the next request is invited anew: {sent}");
}

#[test]
fn a_response_to_head_has_no_body() {
    let (sent, _) = serve([b"HEAD / HTTP/1.1\r\n\r\n".as_slice()], false);
    assert!(sent.ends_with("\r\n\r\n") && !sent.contains("Content-Length: 0"), "{sent}");
}

#[test]
fn the_whole_response_to_an_invocation() {
    let (sent, _) = serve([post("", r#"{"n":7}"#).as_bytes()], false);
    let digest = crate::digest(&7u64.to_le_bytes());
    let expected = format!(
        "HTTP/1.1 200 OK\r\n\
         Lumos-Instance: test\r\n\
         Content-Type: application/json\r\n\
         Content-Length: 7\r\n\
         Lumos-Digest: {digest:016x}\r\n\
         Lumos-Invocation: 1\r\n\
         \r\n\
         {{\"n\":7}}"
    );
    assert_eq!(stable(&sent), expected);
}

/// The names and milliseconds of a response's `Server-Timing`.
fn timing(response: &str) -> Vec<(&str, f64)> {
    let line = response.lines().find_map(|line| line.strip_prefix("Server-Timing: ")).unwrap();
    line.split(", ").map(|span| span.split_once(";dur=").map(|(name, ms)| (name, ms.parse().unwrap())).unwrap()).collect()
}

#[test]
fn the_spans_of_an_invocation_fit_into_its_handling() {
    let (sent, _) = serve([post("", r#"{"n":7}"#).as_bytes()], false);
    let spans = timing(&sent);
    let names: Vec<_> = spans.iter().map(|span| span.0).collect();
    assert_eq!(names, ["receive", "deserialize", "compute", "serialize", "handle", "cpu"]);
    let inner: f64 = spans[1..4].iter().map(|span| span.1).sum();
    assert!(spans[4].1 + 1e-9 >= inner, "{sent}");
}

#[test]
fn failures_are_json_counted_and_without_digest() {
    let pieces = [post("", "{"), post("", r#"{"n":0}"#), post("", r#"{"n":13}"#), post("Content-Length: 1\r\n", "")];
    let (sent, _) = serve([pieces.concat().as_bytes()], false);
    assert!(!sent.contains("Lumos-Digest"));
    assert!(sent.contains(r#"{"error":"n must not be \"0\""}"#), "{sent}");
    assert!(sent.contains(r#"{"error":"no such object"}"#), "{sent}");
    for (i, response) in sent.split("HTTP/1.1 ").skip(1).enumerate() {
        assert!(response.contains(&format!("\r\nLumos-Invocation: {}\r\n", i + 1)), "{response}");
        assert_eq!(timing(response).first().unwrap().0, "receive");
        // What is refused for its framing is not handled by the function.
        assert_eq!(timing(response).last().unwrap().0, if i < 3 { "cpu" } else { "handle" });
    }
    let (sent, _) = serve([b"GET /healthz HTTP/1.1\r\n\r\nPOST / x".as_slice()], false);
    assert!(!sent.contains("Lumos-Invocation"), "neither is an invocation: {sent}");
}

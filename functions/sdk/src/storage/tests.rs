use super::*;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

/// What a server does on one connection: for each request, as long as it is told, an answer.
type Script = Vec<(usize, Vec<u8>)>;

/// A server that keeps to its script: one list for each connection, which ends with the list. Gives back what it received.
fn server(scripts: Vec<Script>) -> (String, JoinHandle<Vec<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let run = move || {
        let mut received = Vec::new();
        for script in scripts {
            let (mut connection, _) = listener.accept().unwrap();
            for (size, answer) in script {
                let mut request = vec![0; size];
                connection.read_exact(&mut request).unwrap();
                received.push(request);
                connection.write_all(&answer).unwrap();
            }
        }
        received
    };
    (address, thread::spawn(run))
}

fn storage(place: &str, more: &[(&str, &str)]) -> Storage {
    let variable = |name: &str| match name {
        "LUMOS_STORAGE" => Some(place.to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("key".to_owned()),
        _ => more.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()),
    };
    Storage::from_variables(variable).unwrap()
}

const GET: &[u8] = b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n";
const SET: &[u8] = b"*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$5\r\nhello\r\n";
const AUTH: &[u8] = b"*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n";
const PASSWORD: (&str, &str) = ("LUMOS_REDIS_PASSWORD", "secret");

/// What becomes of one GET that is answered so.
fn got(answer: &[u8]) -> Result<Vec<u8>, String> {
    let (address, _server) = server(vec![vec![(GET.len(), answer.to_vec())]]);
    let mut into = Vec::new();
    let range = storage(&format!("redis://{address}"), &[]).get("a", &mut into).map_err(|failure| failure.to_string())?;
    Ok(into[range].to_vec())
}

#[test]
fn redis_keeps_its_connection_and_greets_it_once() {
    let first = [AUTH, GET].concat();
    let (address, served) = server(vec![vec![
        (first.len(), b"+OK\r\n$3\r\nabc\r\n".to_vec()),
        (SET.len(), b"+OK\r\n".to_vec()),
        (GET.len(), b"$0\r\n\r\n".to_vec()),
    ]]);
    let (mut storage, mut into) = (storage(&format!("redis://{address}"), &[PASSWORD]), Vec::new());
    let range = storage.get("a", &mut into).unwrap();
    assert_eq!(&into[range], b"abc");
    storage.put("b", b"hello").unwrap();
    assert!(storage.get("a", &mut into).unwrap().is_empty());
    assert_eq!(served.join().unwrap(), [first, SET.to_vec(), GET.to_vec()]);
}

#[test]
fn redis_makes_a_connection_for_each_request_when_it_is_told() {
    let [get, set] = [GET, SET].map(|request| [AUTH, request].concat());
    let scripts = vec![vec![(get.len(), b"+OK\r\n$1\r\nx\r\n".to_vec())], vec![(set.len(), b"+OK\r\n+OK\r\n".to_vec())]];
    let (address, served) = server(scripts);
    let mut storage = storage(&format!("redis://{address}"), &[PASSWORD, ("LUMOS_CONNECTION", "fresh")]);
    storage.get("a", &mut Vec::new()).unwrap();
    storage.put("b", b"hello").unwrap();
    assert_eq!(served.join().unwrap(), [get, set]);
}

#[test]
fn a_kept_connection_that_was_closed_meanwhile_is_replaced() {
    let ok = (GET.len(), b"$1\r\nx\r\n".to_vec());
    let (address, served) = server(vec![vec![ok.clone()], vec![ok]]);
    let mut storage = storage(&format!("redis://{address}"), &[]);
    storage.get("a", &mut Vec::new()).unwrap();
    storage.get("a", &mut Vec::new()).unwrap();
    assert_eq!(served.join().unwrap().len(), 2);
}

#[test]
fn what_redis_answers_wrongly_is_told() {
    assert_eq!(got(b"$3\r\nabc\r\n").unwrap(), b"abc");
    for (answer, why) in [
        (&b"$-1\r\n"[..], "holds no such key"),
        (b"-WRONGPASS no\r\n", "redis says WRONGPASS no"),
        (b"+OK\r\n", "no value"),
        (b"$3\r\nabcde", "another length"),
        (b"$3\r\nabc\r\n+OK\r\n", "more than it was asked"),
        (b"$x\r\n", "a length that is none"),
        (b"$99999999999999\r\n", "a length that is none"),
        (b"HTTP/1.1 200 OK\r\n", "no reply"),
        (b"$3\r\nab", "closed the connection before"),
        (b"", "closed the connection before"),
        (&[b'+'; 2000], "a line without end"),
    ] {
        let said = got(answer).unwrap_err();
        assert!(said.starts_with("reading a: ") && said.contains(why), "{said}");
    }
}

#[test]
fn a_server_that_is_slow_or_refuses_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = format!("redis://{}", listener.local_addr().unwrap());
    let mut slow = storage(&place, &[("LUMOS_STORAGE_TIMEOUT_MS", "30")]);
    let failure = slow.get("a", &mut Vec::new()).unwrap_err();
    assert_eq!(failure.status, 502);
    assert!(failure.to_string().contains("no whole answer within 30 ms"), "{failure}");
    drop(listener);
    let failure = slow.put("a", b"").unwrap_err();
    assert!(failure.to_string().contains("cannot be connected to"), "{failure}");
}

#[test]
fn an_answer_may_come_in_any_pieces() {
    let whole = [b"+OK\r\n$2000\r\n".as_slice(), &[b'x'; 2000], b"\r\n"].concat();
    let first = [AUTH, GET].concat();
    for pieces in [1, 7, 64] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (size, whole) = (first.len(), whole.clone());
        let served = thread::spawn(move || {
            let (mut connection, _) = listener.accept().unwrap();
            connection.set_nodelay(true).unwrap();
            connection.read_exact(&mut vec![0; size]).unwrap();
            whole.chunks(pieces).for_each(|piece| connection.write_all(piece).unwrap());
        });
        let mut into = Vec::new();
        let range = storage(&format!("redis://{address}"), &[PASSWORD]).get("a", &mut into).unwrap();
        assert!(into[range] == [b'x'; 2000]);
        served.join().unwrap();
    }
}

/// What becomes of one GET from S3 that is answered so.
fn fetched(answer: &'static [u8]) -> Result<(Vec<u8>, String), String> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let served = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            connection.read_exact(&mut byte).unwrap();
            request.push(byte[0]);
        }
        connection.write_all(answer).unwrap();
        String::from_utf8(request).unwrap()
    });
    let mut into = Vec::new();
    let got = storage(&format!("s3://{address}/box"), &[]).get("a/b", &mut into);
    let request = served.join().unwrap();
    got.map(|range| (into[range].to_vec(), request)).map_err(|failure| failure.to_string())
}

#[test]
fn s3_is_asked_with_a_signature_and_no_secret() {
    let (body, request) = fetched(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc").unwrap();
    assert_eq!(body, b"abc");
    assert!(request.starts_with("GET /box/a/b?"), "{request}");
    assert!(request.contains("X-Amz-Signature=") && request.contains("\r\nHost: 127.0.0.1:"), "{request}");
}

#[test]
fn what_s3_answers_wrongly_is_told() {
    for (answer, why) in [
        (&b"HTTP/1.1 404 Not Found\r\nContent-Length: 37\r\n\r\n<Error><Code>NoSuchKey</Code></Error>"[..], "404 NoSuchKey"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "s3 answers 403"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "without a length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "closed the connection before"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc", "more than it was asked"),
        (b"$3\r\nabc\r\n", "no HTTP"),
    ] {
        let said = fetched(answer).unwrap_err();
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn what_the_environment_says_wrongly_is_told() {
    for (place, name, value, why) in [
        ("disk", "", "", "LUMOS_STORAGE must be"),
        ("local:relative", "", "", "LUMOS_STORAGE must be"),
        ("redis://localhost:6379", "", "", "no IPv4 address"),
        ("redis://127.0.0.1", "", "", "no IPv4 address"),
        ("redis://127.0.0.1:1", "LUMOS_CONNECTION", "often", "kept or fresh"),
        ("redis://127.0.0.1:1", "LUMOS_STORAGE_TIMEOUT_MS", "0", "a number from 1"),
        ("s3://127.0.0.1:1", "", "", "no //address:port/bucket"),
        ("s3://127.0.0.1:1/a box", "", "", "no name of a bucket"),
        ("s3://127.0.0.1:1/box", "", "", "AWS_ACCESS_KEY_ID is not set"),
    ] {
        let variable = |asked: &str| match asked {
            "LUMOS_STORAGE" => Some(place.to_owned()),
            _ => (asked == name).then(|| value.to_owned()),
        };
        let said = Storage::from_variables(variable).unwrap_err();
        assert!(said.contains(why), "{place}: {said}");
    }
}

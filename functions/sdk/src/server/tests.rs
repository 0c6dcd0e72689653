//! The loop over real sockets on the loopback.

use super::run;
use crate::http::Exchange;
use crate::{Answer, Failure, Spans, answer::handler, net::Listener};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

#[derive(Serialize, Deserialize, prost::Message)]
#[serde(transparent)]
struct Any {
    #[prost(btree_map = "string, string", tag = "1")]
    fields: BTreeMap<String, String>,
}

fn echo(request: Any, _: &mut Spans) -> Result<Answer<Any>, Failure> {
    Ok(Answer::new(request, b""))
}

/// The port of a server that runs until the tests end.
fn server() -> u16 {
    let listener = Listener::bind(0).unwrap();
    let port = listener.port();
    thread::spawn(move || panic!("{}", run(&listener, &mut Exchange::new("test".into(), handler(echo)))));
    port
}

fn client(port: u16) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    // A test that would hang fails instead.
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn request(body: &str) -> String {
    format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Reads one response, which is known to end with `end`.
fn read_until(stream: &mut TcpStream, end: &str) {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 64 << 10];
    while !bytes.ends_with(end.as_bytes()) {
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "the connection ended after {}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&piece[..count]);
    }
}

#[test]
fn idle_and_half_done_clients_hold_up_nobody() {
    let port = server();
    let (mut first, mut second, _silent) = (client(port), client(port), client(port));
    for round in 0..3 {
        let body = format!(r#"{{"first":"{round}"}}"#);
        let whole = request(&body);
        let (begin, end) = whole.split_at(whole.len() - 5);
        first.write_all(begin.as_bytes()).unwrap();
        second.write_all(request(r#"{"second":""}"#).as_bytes()).unwrap();
        read_until(&mut second, r#"{"second":""}"#);
        first.write_all(end.as_bytes()).unwrap();
        read_until(&mut first, &body);
    }
}

#[test]
fn large_bodies_go_both_ways() {
    let mut client = client(server());
    let body = format!(r#"{{"x":"{}"}}"#, "y".repeat(3_000_000));
    for _ in 0..2 {
        client.write_all(request(&body).as_bytes()).unwrap();
        read_until(&mut client, &body);
    }
}

#[test]
fn a_refusal_reaches_a_client_that_is_still_sending() {
    let mut client = client(server());
    client.write_all(b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n").unwrap();
    for _ in 0..50 {
        client.write_all(&[b'x'; 100_000]).unwrap();
    }
    client.shutdown(Shutdown::Write).unwrap();
    let mut response = String::new();
    client.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 413 ") && response.contains("Connection: close"), "{response}");
}

#[test]
fn connections_close_when_asked_and_others_stay() {
    let port = server();
    let mut stays = client(port);
    for _ in 0..50 {
        let mut closes = client(port);
        closes.write_all(b"POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}").unwrap();
        let mut response = String::new();
        closes.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
        drop(client(port));
        stays.write_all(request(r#"{"a":"b"}"#).as_bytes()).unwrap();
        read_until(&mut stays, r#"{"a":"b"}"#);
    }
}

#[test]
fn a_request_cut_short_gets_400_and_the_end() {
    let mut client = client(server());
    client.write_all(&request("{}").as_bytes()[..20]).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut response = String::new();
    client.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 400 "), "{response}");
}

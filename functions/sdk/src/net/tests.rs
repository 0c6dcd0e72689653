use super::*;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

fn pair() -> (Connection, Connection, Listener) {
    let listener = Listener::bind(0).unwrap();
    let client = Connection::dial(SocketAddrV4::new(Ipv4Addr::LOCALHOST, listener.port()), PATIENCE).unwrap();
    (client, listener.accept().unwrap(), listener)
}

fn indexes(waiter: &mut Waiter, accepting: bool) -> Vec<usize> {
    let mut ready = Vec::new();
    waiter.wait(accepting, &mut ready).unwrap();
    ready.iter().map(|found| found.index).collect()
}

#[test]
fn an_accepted_connection_inherits_the_options_of_its_listener() {
    let (_client, server, _listener) = pair();
    assert!(server.0.nodelay().unwrap());
    assert_eq!(server.0.write_timeout().unwrap().unwrap().as_secs(), SEND_TIMEOUT_S as u64);
}

#[test]
fn recv_appends_no_more_than_fits() {
    let (client, server, _listener) = pair();
    client.send_all([b"hello ", b"world"]).unwrap();
    let mut bytes = Vec::with_capacity(8);
    bytes.extend_from_slice(b"> ");
    let room = bytes.capacity() - bytes.len();
    assert_eq!(server.recv(&mut bytes).unwrap(), room.min(11));
    assert!(b"> hello world".starts_with(&bytes));
}

#[test]
fn send_all_sends_both_parts_when_the_kernel_takes_only_some() {
    let (client, server, _listener) = pair();
    let (head, body) = (vec![1u8; 3_000_000], vec![2u8; 5_000_000]);
    let received = std::thread::spawn(move || {
        let mut bytes = Vec::with_capacity(9_000_000);
        while client.recv(&mut bytes).unwrap() > 0 {}
        bytes
    });
    server.send_all([&head, &body]).unwrap();
    server.finish().unwrap();
    assert!(received.join().unwrap() == [head, body].concat());
}

#[test]
fn waiting_names_the_sockets_that_can_be_read() {
    let (first, first_served, listener) = pair();
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, listener.port());
    let second = Connection::dial(address, PATIENCE).unwrap();
    let second_served = listener.accept().unwrap();
    let mut waiter = Waiter::new(&listener);
    waiter.add(&first_served);
    waiter.add(&second_served);

    second.send_all([b"x", b""]).unwrap();
    assert_eq!(indexes(&mut waiter, true), [2]);
    let _third = Connection::dial(address, PATIENCE).unwrap();
    assert_eq!(indexes(&mut waiter, true), [0, 2]);
    assert_eq!(indexes(&mut waiter, false), [2], "a listener that is not accepting does not count");
    waiter.remove(1);
    assert_eq!(indexes(&mut waiter, false), [1], "the last socket takes the place of the removed one");
    drop(first);
    drop(second);
    assert_eq!(indexes(&mut waiter, false), [1], "a closed connection can be read to its end");
}

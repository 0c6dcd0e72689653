//! WasmEdge's sockets, as of 0.14.1. They extend WASI preview 1, which has no way to make a socket.
//!
//! - `sock_accept_v2`, because plain `sock_accept` is an older two-argument form that clashes with the one in std.
//! - `sock_setsockopt` knows level SOL_SOCKET only, so TCP_NODELAY cannot be set.
//! - Descriptors are random 31-bit numbers: nothing may be indexed by them.
#![allow(unsafe_code)]

use super::{Ready, SEND_TIMEOUT_S};
use std::io;
use std::net::SocketAddrV4;
use std::time::Duration;

const INET4: u32 = 1;
const STREAM: u32 = 2;
const BACKLOG: u32 = 128;
const SOL_SOCKET: u32 = 0;
const SO_REUSEADDR: u32 = 0;
const SO_RCVTIMEO: u32 = 11;
const SO_SNDTIMEO: u32 = 12;
const SHUT_WRITE: u32 = 2;
const MONOTONIC: u32 = 1;
const PROCESS_CPU: u32 = 2;
const FD_READ: u8 = 1;
const EXIST: u16 = 20;
const INTR: u16 = 27;

/// `__wasi_address_t` and `__wasi_(c)iovec_t` alike.
#[repr(C)]
struct Slice {
    pointer: *const u8,
    size: u32,
}

/// `__wasi_subscription_t` of the kind that reads from a descriptor.
#[repr(C, align(8))]
#[derive(Clone, Copy, Debug)]
struct Subscription {
    userdata: u64,
    kind: u8,
    fd: Aligned,
    unused: [u8; 20],
}

/// The union inside a subscription is aligned to eight bytes.
#[repr(C, align(8))]
#[derive(Clone, Copy, Debug)]
struct Aligned(i32);

/// `__wasi_event_t`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
struct Event {
    userdata: u64,
    error: u16,
    kind: u8,
    bytes: u64,
    flags: u16,
}

const _: () = assert!(size_of::<Subscription>() == 48 && std::mem::offset_of!(Subscription, fd) == 16);
const _: () = assert!(size_of::<Event>() == 32 && std::mem::offset_of!(Event, bytes) == 16);

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn sock_open(family: u32, kind: u32, fd: *mut i32) -> u32;
    fn sock_bind(fd: i32, address: *const Slice, port: u32) -> u32;
    fn sock_listen(fd: i32, backlog: u32) -> u32;
    fn sock_accept_v2(fd: i32, flags: u32, accepted: *mut i32) -> u32;
    fn sock_connect(fd: i32, address: *const Slice, port: u32) -> u32;
    fn sock_recv(fd: i32, into: *const Slice, count: u32, flags: u32, size: *mut u32, out: *mut u32) -> u32;
    fn sock_send(fd: i32, from: *const Slice, count: u32, flags: u32, size: *mut u32) -> u32;
    fn sock_setsockopt(fd: i32, level: u32, name: u32, value: *const u8, size: u32) -> u32;
    fn sock_shutdown(fd: i32, how: u32) -> u32;
    fn fd_close(fd: i32) -> u32;
    fn poll_oneoff(subscriptions: *const Subscription, events: *mut Event, count: u32, found: *mut u32) -> u32;
    fn clock_time_get(clock: u32, precision: u64, time: *mut u64) -> u32;
}

// SAFETY, for every call below: pointers come from references or slices that live for the call, sizes are theirs, and the host
// checks both against the memory's bounds. A descriptor that is not ours gives an error, not undefined behaviour.

fn check(error: u32) -> io::Result<()> {
    if error == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(error as i32)) }
}

/// An open descriptor; closed when dropped.
#[derive(Debug)]
struct Descriptor(i32);

impl Descriptor {
    fn open() -> io::Result<Self> {
        let mut fd = -1;
        check(unsafe { sock_open(INET4, STREAM, &mut fd) })?;
        Ok(Descriptor(fd))
    }

    fn set_timeout(&self, name: u32, timeout: Duration) -> io::Result<()> {
        // The host's struct timeval.
        let [seconds, microseconds] = [timeout.as_secs(), timeout.subsec_micros().into()].map(u64::to_le_bytes);
        self.set_option(name, &[seconds, microseconds].concat())
    }

    fn set_option(&self, name: u32, value: &[u8]) -> io::Result<()> {
        check(unsafe { sock_setsockopt(self.0, SOL_SOCKET, name, value.as_ptr(), value.len() as u32) })
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        unsafe { fd_close(self.0) };
    }
}

/// A listening socket.
#[derive(Debug)]
pub struct Listener(Descriptor);

impl Listener {
    /// Listens on every IPv4 address, also while connections of a predecessor linger.
    pub fn bind(port: u16) -> io::Result<Self> {
        let socket = Descriptor::open()?;
        socket.set_option(SO_REUSEADDR, &1i32.to_le_bytes())?;
        // Handed on to accepted connections by Linux.
        socket.set_timeout(SO_SNDTIMEO, Duration::from_secs(SEND_TIMEOUT_S as u64))?;
        let any = [0u8; 4];
        check(unsafe { sock_bind(socket.0, &slice(&any), port.into()) })?;
        check(unsafe { sock_listen(socket.0, BACKLOG) })?;
        Ok(Listener(socket))
    }

    /// The next connection; blocks when there is none.
    pub fn accept(&self) -> io::Result<Connection> {
        let mut fd = -1;
        check(unsafe { sock_accept_v2(self.0.0, 0, &mut fd) })?;
        Ok(Connection(Descriptor(fd)))
    }
}

/// A connected socket; closed when dropped.
#[derive(Debug)]
pub struct Connection(Descriptor);

impl Connection {
    /// Connects, blocking. No call on the connection lasts longer than `patience`: connecting, sending, receiving.
    pub fn dial(address: SocketAddrV4, patience: Duration) -> io::Result<Self> {
        let socket = Descriptor::open()?;
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            socket.set_timeout(option, patience)?;
        }
        let octets = address.ip().octets();
        check(unsafe { sock_connect(socket.0, &slice(&octets), address.port().into()) })?;
        Ok(Connection(socket))
    }

    /// Appends what has arrived, no more than fits `into`'s spare capacity, which must not be empty. 0: the peer sends no more.
    pub fn recv(&self, into: &mut Vec<u8>) -> io::Result<usize> {
        let room = into.spare_capacity_mut();
        debug_assert!(!room.is_empty());
        let target = Slice { pointer: room.as_mut_ptr().cast(), size: room.len() as u32 };
        let (mut count, mut flags) = (0, 0);
        check(unsafe { sock_recv(self.0.0, &target, 1, 0, &mut count, &mut flags) })?;
        // SAFETY: the host has initialised `count` bytes after the present length, within the capacity.
        unsafe { into.set_len(into.len() + count as usize) };
        Ok(count as usize)
    }

    pub(super) fn send<const N: usize>(&self, parts: &[&[u8]; N]) -> io::Result<usize> {
        let parts = parts.map(slice);
        let mut count = 0;
        check(unsafe { sock_send(self.0.0, parts.as_ptr(), N as u32, 0, &mut count) })?;
        Ok(count as usize)
    }

    /// Tells the peer that nothing more will be sent.
    pub fn finish(&self) -> io::Result<()> {
        check(unsafe { sock_shutdown(self.0.0, SHUT_WRITE) })
    }
}

/// The sockets that are waited on: a listener and any number of connections.
#[derive(Debug)]
pub struct Waiter {
    subscriptions: Vec<Subscription>,
    events: Vec<Event>,
}

impl Waiter {
    /// Waits on `listener` alone.
    pub fn new(listener: &Listener) -> Self {
        let mut waiter = Waiter { subscriptions: Vec::new(), events: Vec::new() };
        waiter.push(&listener.0);
        waiter
    }

    /// Adds a connection at the end.
    pub fn add(&mut self, connection: &Connection) {
        self.push(&connection.0);
    }

    /// Removes the socket at `index`; the last one takes its place.
    pub fn remove(&mut self, index: usize) {
        self.events.pop();
        self.subscriptions.swap_remove(index);
        if let Some(moved) = self.subscriptions.get_mut(index) {
            moved.userdata = index as u64;
        }
    }

    /// Blocks until something can be read or accepted; `ready` may stay empty. The listener counts only while `accepting`.
    pub fn wait(&mut self, accepting: bool, ready: &mut Vec<Ready>) -> io::Result<()> {
        ready.clear();
        let watched = &self.subscriptions[usize::from(!accepting)..];
        let mut found = 0;
        check(unsafe { poll_oneoff(watched.as_ptr(), self.events.as_mut_ptr(), watched.len() as u32, &mut found) })?;
        for event in &self.events[..found as usize] {
            // A pause of the process ends WasmEdge's wait with EINTR for every socket. It then forgets to forget what it
            // waited for, so the next wait has EEXIST for every socket that cannot be read. Neither says anything.
            if !matches!(event.error, INTR | EXIST) {
                ready.push(Ready { index: event.userdata as usize, broken: event.error != 0 });
            }
        }
        Ok(())
    }

    fn push(&mut self, socket: &Descriptor) {
        let userdata = self.subscriptions.len() as u64;
        self.subscriptions.push(Subscription { userdata, kind: FD_READ, fd: Aligned(socket.0), unused: [0; 20] });
        self.events.push(Event::default());
    }
}

/// Nanoseconds of the host's CLOCK_MONOTONIC.
pub fn now_ns() -> u64 {
    let mut time = 0;
    // The call cannot fail: WasmEdge has this clock.
    unsafe { clock_time_get(MONOTONIC, 1, &mut time) };
    time
}

/// CPU time of the process: the module's and the engine's. None: the engine has no such clock.
pub fn cpu_ns() -> Option<u64> {
    let mut time = 0;
    check(unsafe { clock_time_get(PROCESS_CPU, 1, &mut time) }).ok().map(|()| time)
}

fn slice(bytes: &[u8]) -> Slice {
    Slice { pointer: bytes.as_ptr(), size: bytes.len() as u32 }
}

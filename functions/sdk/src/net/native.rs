//! Linux sockets. std carries most of it; libc the waiting, and what std has no name for.
#![allow(unsafe_code)]

use super::{Ready, SEND_TIMEOUT_S};
use std::io::{self, IoSlice, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::time::Duration;

/// A listening socket.
#[derive(Debug)]
pub struct Listener(TcpListener);

impl Listener {
    /// Listens on every IPv4 address, also while connections of a predecessor linger (std sets SO_REUSEADDR).
    pub fn bind(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?;
        // Linux hands these on to accepted connections, which saves two calls for each.
        let timeout = libc::timeval { tv_sec: SEND_TIMEOUT_S, tv_usec: 0 };
        set_option(&listener, libc::SOL_SOCKET, libc::SO_SNDTIMEO, &timeout)?;
        set_option(&listener, libc::IPPROTO_TCP, libc::TCP_NODELAY, &1i32)?;
        Ok(Listener(listener))
    }

    /// The next connection; blocks when there is none.
    pub fn accept(&self) -> io::Result<Connection> {
        Ok(Connection(self.0.accept()?.0))
    }

    #[cfg(test)]
    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }
}

/// A connected socket; closed when dropped.
#[derive(Debug)]
pub struct Connection(pub(super) TcpStream);

impl Connection {
    /// Connects, blocking. No call on the connection lasts longer than `patience`: connecting, sending, receiving.
    pub fn dial(address: SocketAddrV4, patience: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address.into(), patience)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        Ok(Connection(stream))
    }

    /// Appends what has arrived, no more than fits `into`'s spare capacity, which must not be empty. 0: the peer sends no more.
    pub fn recv(&self, into: &mut Vec<u8>) -> io::Result<usize> {
        let room = into.spare_capacity_mut();
        debug_assert!(!room.is_empty());
        // SAFETY: the kernel writes at most room.len() bytes into memory that `into` owns.
        let count = unsafe { libc::recv(self.0.as_raw_fd(), room.as_mut_ptr().cast(), room.len(), 0) };
        let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        // SAFETY: recv has initialised `count` bytes after the present length, within the capacity.
        unsafe { into.set_len(into.len() + count) };
        Ok(count)
    }

    pub(super) fn send<const N: usize>(&self, parts: &[&[u8]; N]) -> io::Result<usize> {
        (&self.0).write_vectored(&parts.map(IoSlice::new))
    }

    /// Tells the peer that nothing more will be sent.
    pub fn finish(&self) -> io::Result<()> {
        self.0.shutdown(Shutdown::Write)
    }
}

/// The sockets that are waited on: a listener and any number of connections.
#[derive(Debug)]
pub struct Waiter(Vec<libc::pollfd>);

impl Waiter {
    /// Waits on `listener` alone.
    pub fn new(listener: &Listener) -> Self {
        Waiter(vec![entry(&listener.0)])
    }

    /// Adds a connection at the end.
    pub fn add(&mut self, connection: &Connection) {
        self.0.push(entry(&connection.0));
    }

    /// Removes the socket at `index`; the last one takes its place.
    pub fn remove(&mut self, index: usize) {
        self.0.swap_remove(index);
    }

    /// Blocks until something can be read or accepted; `ready` may stay empty. The listener counts only while `accepting`.
    pub fn wait(&mut self, accepting: bool, ready: &mut Vec<Ready>) -> io::Result<()> {
        ready.clear();
        let first = usize::from(!accepting);
        let entries = &mut self.0[first..];
        // SAFETY: `entries` is a valid array of that many pollfd.
        if unsafe { libc::poll(entries.as_mut_ptr(), entries.len() as libc::nfds_t, -1) } < 0 {
            let error = io::Error::last_os_error();
            return if error.kind() == io::ErrorKind::Interrupted { Ok(()) } else { Err(error) };
        }
        for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.revents != 0) {
            ready.push(Ready { index: first + index, broken: entry.revents & libc::POLLNVAL != 0 });
        }
        Ok(())
    }
}

/// Nanoseconds of CLOCK_MONOTONIC.
pub fn now_ns() -> u64 {
    clock_ns(libc::CLOCK_MONOTONIC)
}

/// CPU time of this process, all its threads. A system call, unlike the clock above.
pub fn cpu_ns() -> Option<u64> {
    Some(clock_ns(libc::CLOCK_PROCESS_CPUTIME_ID))
}

fn clock_ns(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid timespec. The call cannot fail: both clocks exist on every Linux.
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

fn entry(socket: &impl AsRawFd) -> libc::pollfd {
    libc::pollfd { fd: socket.as_raw_fd(), events: libc::POLLIN, revents: 0 }
}

fn set_option<T>(socket: &impl AsRawFd, level: i32, name: i32, value: &T) -> io::Result<()> {
    let size = size_of::<T>() as libc::socklen_t;
    // SAFETY: `value` is valid for reads of `size` bytes.
    let result = unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, std::ptr::from_ref(value).cast(), size) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

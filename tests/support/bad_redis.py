#!/usr/bin/env python3
"""A redis-server for tests that serves Lumos itself well, and instances badly. As Redis: settings on standard input. $BAD_REDIS:

good     answers GET and SET
slow     never answers an instance
refuse   listens no more once the object is there
drop     closes in the middle of a value
garbage  says what is no reply
missing  holds nothing that an instance asks for
error    answers with an error
wrong    gives another object, of the right type
lose     says OK to what an instance stores, and keeps nothing
"""

import os
import socket
import sys
import threading

BEHAVIOUR = os.environ.get("BAD_REDIS", "good")
LUMOS = "10.78."  # Lumos comes from the server's own place, instances from theirs
STORED, LOCK = {}, threading.Lock()


def command(stream):
    """The words of one command; None at the end."""
    line = stream.readline()
    if not line:
        return None
    words = []
    for _ in range(int(line[1:])):
        size = int(stream.readline()[1:])
        words.append(stream.read(size))
        stream.read(2)
    return words


def bulk(value):
    return b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value)


def answer(words, lumos):
    """Bytes, or None: never."""
    name = words[0].upper()
    behaviour = "good" if lumos else BEHAVIOUR
    if name == b"AUTH" or behaviour == "slow":
        return b"+OK\r\n" if name == b"AUTH" else None
    if name == b"SET":
        with LOCK:
            if behaviour != "lose":
                STORED[words[1]] = words[2]
        return b"+OK\r\n"
    value = STORED.get(words[1])
    return {"drop": bulk(value)[:len(value or b"") // 2], "garbage": b"HTTP/1.1 200 OK\r\n\r\n", "missing": bulk(None),
            "error": b"-ERR out of order\r\n", "wrong": bulk(b'{"data":"AAAA"}')}.get(behaviour, bulk(value))


def serve(connection, peer, listener):
    lumos, stream = peer[0].startswith(LUMOS), connection.makefile("rb")
    with connection, stream:
        while words := command(stream):
            said = answer(words, lumos)
            if said is None:
                threading.Event().wait()
            connection.sendall(said)
            if not lumos and BEHAVIOUR == "drop" and words[0] == b"GET":
                return
    if BEHAVIOUR == "refuse" and len(STORED) >= 2:
        listener.shutdown(socket.SHUT_RDWR)


def main():
    settings = dict(line.strip().split(" ", 1) for line in sys.stdin if " " in line)
    listener = socket.create_server((settings["bind"], int(settings["port"])))
    while True:
        try:
            connection, peer = listener.accept()
        except OSError:  # it refuses: no more
            listener.close()
            threading.Event().wait()
        threading.Thread(target=serve, args=(connection, peer, listener), daemon=True).start()


if __name__ == "__main__":
    main()

"""A small, fast HTTP server for tests of `load`. small_server.py [BEHAVIOUR]: prints its port, serves until it is killed.

ok       answers 200 with `ok`, and Lumos-Digest: ab
never    accepts and says nothing
garbage  says what is no HTTP
endless  sends headers without end
half     closes in the middle of its answer
busy     answers 503
crash    answers a hundred requests and exits
"""

import select
import socket
import sys

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nLumos-Digest: ab\r\n\r\nok"
ANSWERS = {
    "ok": OK,
    "never": b"",
    "garbage": b"SSH-2.0-nope\r\n",
    "endless": b"HTTP/1.1 200 OK\r\n" + (b"X: " + b"y" * 100 + b"\r\n") * 1000,
    "half": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi",
    "busy": b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
    "crash": OK,
}


def main(behaviour):
    answer, left = ANSWERS[behaviour], 100 if behaviour == "crash" else None
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    listener.setblocking(False)
    print(listener.getsockname()[1], flush=True)
    poll, clients = select.epoll(), {}
    poll.register(listener, select.EPOLLIN)
    while True:
        for fd, _ in poll.poll():
            if fd == listener.fileno():
                client, _ = listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                clients[client.fileno()] = client
                poll.register(client, select.EPOLLIN)
                continue
            client = clients[fd]
            try:
                request = client.recv(65536)  # one whole request: they are small, and one at a time
                if request and answer:
                    client.sendall(answer)
            except OSError:
                request = b""
            if not request or behaviour == "half":
                poll.unregister(fd)
                clients.pop(fd).close()
            elif left is not None:
                left -= 1
                if left == 0:
                    return


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "ok")

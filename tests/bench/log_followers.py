"""Many who follow one job's log, one connection each, without a thread each: GET …/log/pieces?wait=…"""

import selectors
import socket
import time

import measure


class Follower:
    """Asks for what comes behind what it has, again and again."""

    def __init__(self, port, run, job, token):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.run, self.job, self.token = run, job, token
        self.offset, self.buffer, self.text = 0, b"", b""
        self.ask()

    def ask(self):
        path = f"/api/v1/runs/{self.run}/log/pieces?job={self.job}&offset={self.offset}&wait=20"
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode())

    def take(self):
        """What the job printed, as far as it is here now."""
        piece = self.socket.recv(1 << 16)
        if not piece:
            raise measure.Failed("the server hung up on a follower")
        self.buffer += piece
        head, _, body = self.buffer.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if b"content-length" not in fields or len(body) < int(fields[b"content-length"]):
            return b""
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise measure.Failed(f"a follower was answered {head[:200]}")
        self.buffer = b""
        count = int(body.split(b"\n", 1)[0].split(b" ")[2])
        lines = body.split(b"\n", count + 1)
        # stages/log/pieces.h: a line for each piece, then the bytes of all of them.
        for line in lines[1 : count + 1]:
            offset, _, _, size = map(int, line.split(b" "))
            self.offset = offset + size
        self.ask()
        return lines[count + 1]


def follow(followers, lines, seconds):
    """How long after it was printed each line was with each of them; a line says when it was printed."""
    selector = selectors.DefaultSelector()
    for follower in followers:
        selector.register(follower.socket, selectors.EVENT_READ, follower)
    lags, whole = [], 0
    end = time.monotonic() + seconds
    while whole < len(followers) and time.monotonic() < end:
        for key, _ in selector.select(1):
            news = key.data.take()
            key.data.text += news
            lags += [time.time() - float(line) for line in news.splitlines()]
            whole += bool(news) and key.data.text.count(b"\n") == lines
    for follower in followers:
        follower.socket.close()
    return lags, whole

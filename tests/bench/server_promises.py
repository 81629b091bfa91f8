"""The promises of the project for a team's server, one function each: (workbench, repetitions) → Outcome."""

import json
import selectors
import socket
import sqlite3
import statistics
import time

import measure
from log_followers import Follower, follow
from table import Outcome, milliseconds
from team import Server, wait_for
from workbench import stage

WAITING_AGENTS = 5000
STREAMS = 500
PAST_RUNS = 100_000
EMPTY = 'name = "empty"\n' + stage("hello", "echo hello")


def mebibytes(size):
    return f"{size / 2**20:.1f} MiB"


def idle_server(bench, _):
    with Server(bench) as server:
        server.host("shop", EMPTY)
        time.sleep(1)
        before = server.processor_seconds()
        time.sleep(10)
        busy = server.processor_seconds() - before
        resident, own = server.resident()
    return Outcome(
        "an idle server: at most 12 MiB resident, no processor",
        f"{mebibytes(resident)}, {busy * 1000:.0f} ms of processor time in 10 s",
        resident <= 12 * 2**20 and busy <= 0.01,
        {},
        f"{mebibytes(own)} of it are its own, the rest are pages of its program and of libraries, shared with others",
    )


class Waiting:
    """Many agents that have asked for work, one connection each, without a thread each."""

    def __init__(self, server, count, token):
        self.server, self.token = server, token
        self.sockets = []
        for index in range(count):
            hello = {"major": 1, "minor": 0, "agent": f"a{index}", "program": "bench", "labels": ["bench"], "slots": 1}
            connection = socket.create_connection(("127.0.0.1", server.port))
            self.sockets.append(connection)
            self.send(connection, "POST", "/api/v1/agents", json.dumps(hello))
            if b" 200 " not in connection.recv(4096).split(b"\r\n")[0]:
                raise measure.Failed("an agent was not welcome")
            self.send(connection, "POST", f"/api/v1/agents/a{index}/lease", "")

    def send(self, connection, method, path, body):
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall((head + body).encode())

    def keep_up(self, seconds):
        """As agents do: who is told that there is no work asks again, and says every 10 s that it is alive."""
        selector = selectors.DefaultSelector()
        for index, connection in enumerate(self.sockets):
            selector.register(connection, selectors.EVENT_READ, index)
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                if not key.fileobj.recv(65536):
                    raise measure.Failed("the server hung up on an agent")
                self.send(key.fileobj, "POST", f"/api/v1/agents/a{key.data}/lease", "")
        selector.close()

    def close(self):
        for connection in self.sockets:
            connection.close()


def waiting_agents(bench, _):
    with Server(bench) as server:
        token = server.make_token("fleet", "agent")
        idle, _ = server.resident()
        waiting = Waiting(server, WAITING_AGENTS, token)
        before = server.processor_seconds()
        waiting.keep_up(10)
        busy = server.processor_seconds() - before
        resident, _ = server.resident()
        waiting.close()
    return Outcome(
        f"{WAITING_AGENTS:,} agents that wait for work: at most 80 MiB",
        f"{mebibytes(resident)}, {busy / 10:.1%} of a processor",
        resident <= 80 * 2**20,
        {"the same server without them": mebibytes(idle)},
        f"{(resident - idle) / WAITING_AGENTS / 1024:.1f} KiB an agent",
    )


def first_byte(server, connection):
    """Seconds from asking for a run to the first byte of its job's log; returns when the run is over."""
    begin = time.perf_counter()
    run = server.ask("POST", "/api/v1/runs", {"repository": "shop"}, connection=connection)["run"]
    path = f"/api/v1/runs/{run}/log?job=hello"
    while True:
        connection.request("GET", path, headers={"Authorization": f"Bearer {server.token}"})
        reply = connection.getresponse()
        text = reply.read()
        if reply.status == 200 and text:
            taken = time.perf_counter() - begin
            break
        if time.perf_counter() - begin > 30:
            raise measure.Failed(f"no log of run {run}")
        time.sleep(0.011)  # a token may ask a hundred times a second
    while server.ask("GET", f"/api/v1/runs/{run}", connection=connection)["status"] != "succeeded":
        if time.perf_counter() - begin > 30:
            raise measure.Failed(f"run {run} does not end")
        time.sleep(0.011)
    return taken


def trigger(bench, repetitions):
    count = 40 * repetitions
    with Server(bench) as server:
        server.host("shop", EMPTY)
        with server.agent("builder"):
            connection = server.connect()
            first_byte(server, connection)
            times = sorted(first_byte(server, connection) for _ in range(count))
            p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
    return Outcome(
        "from asking for a run to the first byte of its job's log, idle server and a waiting agent: p99 at most 20 ms",
        f"p99 {milliseconds(p99)}, median {milliseconds(statistics.median(times))}",
        p99 <= 0.020,
        {"Laminar, as its own design measured it": "41 ms"},
        f"{count} runs, one after the other; looked at every 11 ms, so up to that much of it is the looking",
    )


def run_rate(bench, repetitions):
    count = 60 * repetitions
    with Server(bench) as server:
        server.host("shop", EMPTY)
        tokens = [server.make_token(f"person{i}", "run") for i in range(8)]
        with server.agent("builder", slots=2):
            connection = server.connect()
            begin = time.perf_counter()
            for index in range(count):
                last = server.ask("POST", "/api/v1/runs", {"repository": "shop"}, tokens[index % 8], connection)["run"]
            started = time.perf_counter() - begin

            def are_over():
                time.sleep(0.05)
                return all(run["status"] == "succeeded" for run in server.ask("GET", "/api/v1/runs?limit=500")["runs"])

            wait_for(are_over, "the end of the runs")
            seconds = time.perf_counter() - begin
    return Outcome(
        f"runs of one job, {count} asked for at once, one agent with two slots: no promise",
        f"{count / seconds:.0f} runs a second to their end, {count / started:.0f} a second begun",
        last >= count,
        {},
    )


def event_streams(bench, repetitions):
    """Everybody watches one run."""
    text = 'name = "busy"\n' + "".join(stage(f"s{i}", "true", needs=f'["s{i - 1}"]' if i else "[]") for i in range(50))
    with Server(bench) as server:
        server.host("shop", text)
        run = server.ask("POST", "/api/v1/runs", {"repository": "shop"})["run"]
        idle, _ = server.resident()
        tokens = [server.make_token(f"person{i}", "read") for i in range(8)]
        selector = selectors.DefaultSelector()
        for index in range(STREAMS):
            connection = socket.create_connection(("127.0.0.1", server.port))
            head = f"GET /api/v1/runs/{run}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tokens[index % 8]}\r\n\r\n"
            connection.sendall(head.encode())
            selector.register(connection, selectors.EVENT_READ, [0, False])
        with server.agent("builder"):
            before, begin = server.processor_seconds(), time.perf_counter()
            open_streams = STREAMS
            while open_streams and time.perf_counter() - begin < 120:
                for key, _ in selector.select(1):
                    piece = key.fileobj.recv(1 << 16)
                    key.data[0] += piece.count(b"\nid: ") + piece.startswith(b"id: ")
                    if b"run-finished" in piece and not key.data[1]:
                        key.data[1] = True
                        open_streams -= 1
            seconds = time.perf_counter() - begin
            busy = server.processor_seconds() - before
        resident, _ = server.resident()
        counts = {key.data[0] for key in selector.get_map().values()}
        for key in list(selector.get_map().values()):
            key.fileobj.close()
    return Outcome(
        f"{STREAMS} followers of a run of 50 stages: each hears every event",
        f"{seconds:.2f} s to the end of the last, {mebibytes(resident)}, {busy:.2f} s of processor time",
        open_streams == 0 and len(counts) == 1,
        {"the same server without them": mebibytes(idle)},
        f"each heard {max(counts)} events" if len(counts) == 1 else f"they heard {sorted(counts)[:5]} … events",
    )


def log_streams(bench, _):
    """Everybody watches what one job prints."""
    lines = 10
    text = 'name = "slow"\n' + stage("says", f"for i in $(seq {lines}); do date +%s.%N; sleep 1; done")
    with Server(bench) as server:
        server.host("shop", text)
        # A token may ask a hundred times a second.
        tokens = [server.make_token(f"person{i}", "read") for i in range(20)]
        with server.agent("builder"):
            run = server.ask("POST", "/api/v1/runs", {"repository": "shop"})["run"]
            look = f"/api/v1/runs/{run}/log?job=says"
            wait_for(lambda: server.ask_quietly(look), "the beginning of the log")
            idle, _ = server.resident()
            followers = [Follower(server.port, run, "says", tokens[i % len(tokens)]) for i in range(STREAMS)]
            before = server.processor_seconds()
            lags, whole = follow(followers, lines, 60)
            busy = server.processor_seconds() - before
            resident, _ = server.resident()
    lags = sorted(lags[STREAMS:])  # the first line was there before them
    p99 = lags[int(len(lags) * 0.99)] if lags else 0
    return Outcome(
        f"{STREAMS} followers of the log of a job that prints a line a second: each sees every line",
        f"p99 {milliseconds(p99)} after it was printed, median {milliseconds(statistics.median(lags or [0]))}, "
        f"{mebibytes(resident)}, {busy / lines:.1%} of a processor",
        whole == STREAMS,
        {"the same server without them": mebibytes(idle)},
    )


def copy_runs(database, count):
    """The rows of the one run that there is, again and again."""
    with sqlite3.connect(database) as connection:
        (first,) = connection.execute("SELECT max(id) FROM runs").fetchone()
        numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        for table, key in (("runs", "id"), ("events", "run")):
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            values = ", ".join(f"{key} + n.i" if column == key else column for column in columns)
            connection.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) {numbers} SELECT {values} FROM {table}, n WHERE {key} = ?",
                (count - 1, first),
            )
    return first + count - 1


def past_runs(bench, repetitions):
    def times_of(server):
        connection = server.connect()
        look = {
            "the newest 20": "/api/v1/runs?limit=20",
            "those of a branch": "/api/v1/runs?limit=20&branch=main",
            "500 from the middle": "/api/v1/runs?limit=500&before=50000",
            "that failed": "/api/v1/runs?limit=20&status=failed",
        }
        subjects = {
            name: lambda path=path: measured(lambda: server.ask("GET", path, connection=connection))
            for name, path in look.items()
        }
        return measure.in_turn(max(5, repetitions), **subjects)

    server = Server(bench)
    with server:
        server.host("shop", EMPTY)
        with server.agent("builder"):
            run = server.ask("POST", "/api/v1/runs", {"repository": "shop"})["run"]
            wait_for(lambda: server.ask("GET", f"/api/v1/runs/{run}")["status"] == "succeeded", "the run")
    few = statistics.median(restart(server) for _ in range(max(3, repetitions // 2)))
    copy_runs(server.data / "pipeline.db", PAST_RUNS)
    many = statistics.median(restart(server) for _ in range(max(3, repetitions // 2)))
    with server:
        resident, _ = server.resident()
        seconds = times_of(server)
    return Outcome(
        f"{PAST_RUNS:,} past runs: a restart takes no longer for them, no listing more than 50 ms",
        f"ready after {milliseconds(many)}, {mebibytes(resident)}; slowest listing {milliseconds(max(seconds.values()))}",
        many <= few + 0.1 and max(seconds.values()) <= 0.050,
        {"ready with one past run": milliseconds(few)},
        ", ".join(f"{name} {milliseconds(value)}" for name, value in seconds.items()) + "; rows of one real run, copied",
    )


def measured(call):
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


def restart(server):
    seconds = server.start()
    server.stop()
    return seconds


SERVER_PROMISES = {
    "idle-server": idle_server,
    "waiting-agents": waiting_agents,
    "trigger": trigger,
    "run-rate": run_rate,
    "event-streams": event_streams,
    "log-streams": log_streams,
    "past-runs": past_runs,
}

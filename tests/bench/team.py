"""A server, agents and a repository that the server hosts, all on loopback, as a team would have them."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import time

import measure
from workbench import PIPELINE

PATIENCE = 60


class Server:
    """`pipeline serve` on a port of its own, as long as the context lasts."""

    def __init__(self, bench, data="server"):
        self.bench = bench
        self.data = bench.root / data
        self.error = bench.root / f"{data}.err"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Seconds until it answers."""
        begin = time.perf_counter()
        command = [PIPELINE, "serve", "--data", self.data, "--listen", "127.0.0.1:0"]
        self.process = self.bench.start(command, self.error)
        self.port = int(wait_for(lambda: self.said(r"listening on http://127\.0\.0\.1:(\d+)"), "the server's address"))
        self.url = f"http://127.0.0.1:{self.port}"
        self.token_file = self.data / "admin.token"
        self.token = self.token_file.read_text().strip()
        self.ask("GET", "/readyz")
        return time.perf_counter() - begin

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def said(self, pattern):
        if self.process.poll() is not None:
            raise measure.Failed("the server ended: " + self.error.read_text()[-400:])
        found = re.search(pattern, self.error.read_text())
        return found and found.group(1)

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(self, method, path, body=None, token=None, connection=None):
        """What it answers with; JSON where it is some."""
        connection = connection or self.connect()
        headers = {"Authorization": f"Bearer {token or self.token}"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        reply = connection.getresponse()
        text = reply.read()
        if reply.status >= 400:
            raise measure.Failed(f"{method} {path} was answered with {reply.status}: {text[:400]}")
        return json.loads(text) if "json" in reply.headers.get("Content-Type", "") else text

    def ask_quietly(self, path):
        """None where it is answered with a refusal."""
        with contextlib.suppress(measure.Failed):
            return self.ask("GET", path)

    def command(self, *arguments):
        command = [PIPELINE, *arguments, "--server", self.url, "--token-file", self.token_file]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=self.bench.env).stdout

    def make_token(self, name, scope):
        return self.ask("POST", "/api/v1/tokens", {"name": name, "scopes": [scope]})["token"]

    def host(self, name, pipeline_text):
        """A repository of one commit, on the server."""
        repository = self.bench.repository(name, pipeline_text)
        self.command("repo", "add", name)
        self.bench.git(name, "push", "-q", f"http://x:{self.token}@127.0.0.1:{self.port}/git/{name}", "main")
        return repository

    @contextlib.contextmanager
    def agent(self, name, slots=1):
        token = self.bench.write(f"{name}.token", self.make_token(name, "agent"))
        command = [PIPELINE, "agent", "--server", self.url, "--token-file", token, "--data", self.bench.root / name]
        process = self.bench.start([*command, "--name", name, "--slots", str(slots)], self.bench.root / f"{name}.err")
        try:
            wait_for(lambda: any(agent["name"] == name for agent in self.ask("GET", "/api/v1/agents")["agents"]), name)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()

    def resident(self):
        """Bytes of memory now, and of these what is the process's own."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in text.splitlines())
        return tuple(int(fields[name].split()[0]) * 1024 for name in ("VmRSS", "RssAnon"))

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(look, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.005)
    raise measure.Failed(f"waited in vain for {what}")

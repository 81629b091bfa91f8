#!/usr/bin/python3
"""Buildbot and pipeline on the same jobs: from a change to its first command, builds a second, memory of the server.

    tests/bench/buildbot.py [--builds N] [--directory DIR]

Needs Debian's buildbot and buildbot-worker (apt install --no-install-recommends buildbot buildbot-worker) and runs with
Debian's Python, which has their modules. Buildbot's jobs run on this machine as they are, ours in a sandbox each. Both
are told of a change by a client that stays connected, both write the moment in which their command runs into a file.
"""

import argparse
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

import measure
from main import default_directory
from team import Server, wait_for
from workbench import Workbench, stage

MASTER = """
from buildbot.plugins import changes, schedulers, steps, util, worker
step = steps.ShellCommand(command=["/bin/sh", "-c", "date +%s.%N >> {marks}"])
BuildmasterConfig = {{
    "workers": [worker.Worker("w", "pass", max_builds=2)],
    "protocols": {{"pb": {{"port": "tcp:{port}:interface=127.0.0.1"}}}},
    "change_source": [changes.PBChangeSource(user="change", passwd="change")],
    "schedulers": [schedulers.AnyBranchScheduler(name="all", treeStableTimer=None, builderNames=["b"])],
    "builders": [util.BuilderConfig(name="b", workernames=["w"], factory=util.BuildFactory([step]), collapseRequests=False)],
    "db": {{"db_url": "sqlite:///state.sqlite"}},
    "buildbotNetUsageData": None,
}}
"""

# Reads a line, tells of a change, writes a line.
CLIENT = """
import sys
from twisted.cred import credentials
from twisted.internet import reactor, threads
from twisted.spread import pb
factory = pb.PBClientFactory()
def ready(remote):
    def next_line():
        threads.deferToThread(sys.stdin.readline).addCallback(tell)
    def tell(line):
        if not line: return reactor.stop()
        change = dict(who="bench", files=["a"], comments="c", branch="main", revision=line.strip(), repository="", project="", category=None, when=None, properties={{}}, codebase="", revlink="", src=None)
        remote.callRemote("addChange", change).addCallbacks(told, told)
    def told(result):
        print(type(result).__name__, flush=True)
        next_line()
    print("ready", flush=True)
    next_line()
factory.login(credentials.UsernamePassword(b"change", b"change")).addCallbacks(ready, lambda failure: (print(failure), reactor.stop()))
reactor.connectTCP("127.0.0.1", {port}, factory)
reactor.run()
"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def marks_in(path):
    return [float(line) for line in path.read_text().splitlines()] if path.exists() else []


def resident(pid):
    return measure.peak_of(pid)[1]


def figures(trigger, marks, builds):
    """The latencies of builds one after the other, and how many a second when all are asked for at once."""
    latencies = []
    for _ in range(builds):
        before, begin = len(marks_in(marks)), time.time()
        trigger()
        wait_for(lambda: len(marks_in(marks)) > before, "a build")
        latencies.append(marks_in(marks)[before] - begin)
        time.sleep(0.2)
    before, begin = len(marks_in(marks)), time.time()
    for _ in range(builds):
        trigger()
    wait_for(lambda: len(marks_in(marks)) >= before + builds, "all builds")
    return statistics.median(latencies), builds / (marks_in(marks)[-1] - begin)


def buildbot(bench, builds):
    port, root, marks = free_port(), bench.root / "buildbot", bench.root / "buildbot.marks"
    root.mkdir()
    quiet = {"check": True, "env": bench.env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(["buildbot", "create-master", root / "master"], **quiet)
    (root / "master" / "master.cfg").write_text(MASTER.format(port=port, marks=marks))
    subprocess.run(["buildbot-worker", "create-worker", root / "worker", f"127.0.0.1:{port}", "w", "pass"], **quiet)
    processes = []
    try:
        for program, name in (("buildbot", "master"), ("buildbot-worker", "worker")):
            processes.append(bench.start([program, "start", "--nodaemon", root / name], root / f"{name}.err"))
        wait_for(lambda: "attached" in log_of(root / "master"), "Buildbot's worker")
        client = subprocess.Popen(
            ["/usr/bin/python3", "-c", CLIENT.format(port=port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        processes.append(client)
        if client.stdout.readline() != "ready\n":
            raise measure.Failed("Buildbot does not take changes")
        revisions = iter(range(1, 10**6))

        def trigger():
            print(next(revisions), file=client.stdin, flush=True)
            client.stdout.readline()

        found = *figures(trigger, marks, builds), resident(processes[0].pid)
        client.stdin.close()  # a thread of it reads there, whatever signal it gets
        return found
    finally:
        for process in reversed(processes):
            process.send_signal(signal.SIGTERM)
            process.wait()


def log_of(master):
    path = master / "twistd.log"
    return path.read_text(errors="replace") if path.exists() else ""


def ours(bench, builds):
    marks = bench.root / "ours.marks"
    with Server(bench) as server:
        # What a job prints is what comes out of its sandbox.
        server.host("shop", 'name = "shop"\n' + stage("mark", "date +%s.%N"))
        connection = server.connect()
        with server.agent("builder", slots=2):
            runs = []

            def trigger():
                runs.append(server.ask("POST", "/api/v1/runs", {"repository": "shop"}, connection=connection)["run"])
                time.sleep(0.011)  # a token may ask a hundred times a second

            collected = Marks(server, runs, marks)
            return *figures(trigger, collected, builds), resident(server.process.pid)


class Marks:
    """The moments that our jobs printed, in the shape of a file."""

    def __init__(self, server, runs, path):
        self.server, self.runs, self.path = server, runs, path

    def exists(self):
        return True

    def read_text(self):
        found = []
        for run in self.runs:
            log = self.server.data / "runs" / str(run) / "jobs" / "mark.1" / "log"
            found += [float(line) for line in log.read_text().splitlines()] if log.exists() else []
        return "".join(f"{moment!r}\n" for moment in sorted(found))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--builds", type=int, default=50)
    parser.add_argument("--directory", default=default_directory(), help="where to work (default: /dev/shm, else TMPDIR)")
    arguments = parser.parse_args()
    if shutil.which("buildbot") is None or shutil.which("buildbot-worker") is None:
        parser.error("Buildbot is missing: apt install --no-install-recommends buildbot buildbot-worker")
    print(f"{arguments.builds} builds of one command   change to command (median)   builds a second   server's peak memory")
    for name, subject in (("pipeline, sandboxed", ours), ("Buildbot, not isolated", buildbot)):
        with Workbench(arguments.directory) as bench:
            latency, rate, memory = subject(bench, arguments.builds)
            print(f"  {name:<28} {latency * 1000:16.1f} ms {rate:22.1f} {memory / 2**20:18.1f} MiB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

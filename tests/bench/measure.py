"""How long a command takes and how much memory its processes use."""

import contextlib
import os
import pathlib
import statistics
import subprocess
import threading
import time


class Failed(Exception):
    """A command that was to be measured did not succeed."""


def run(command, *, cwd=None, env=None, expect=0, stdout=subprocess.DEVNULL):
    """Seconds that `command` took. What it said goes into the exception when it failed."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE)
    error = process.stderr.read()
    status = process.wait()
    seconds = time.perf_counter() - begin
    if status != expect:
        raise Failed(f"{' '.join(map(str, command))[:200]} ended with {status}: {error.decode(errors='replace')[-400:]}")
    return seconds


def in_turn(repetitions, **subjects):
    """The median of each subject, a function that returns seconds; None for one that cannot be run here.

    One round measures every subject once, so that a busy moment of the machine does not hit one of them alone. A first
    round warms caches and does not count.
    """
    times = {name: [] for name in subjects}
    for round_number in range(repetitions + 1):
        for name, subject in subjects.items():
            if subject is None or times[name] is None:
                times[name] = None
                continue
            seconds = subject()
            if round_number > 0:
                times[name].append(seconds)
    return {name: statistics.median(values) if values else None for name, values in times.items()}


def descendants(pid):
    """`pid` and everything below it that still runs."""
    pids = [pid]
    for parent in pids:
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{parent}/task"):
                pids += map(int, pathlib.Path(f"/proc/{parent}/task/{task}/children").read_text().split())
    return pids


def peak_of(pid):
    """The peak resident memory of one process so far, in bytes, and its program's name."""
    fields = {}
    with contextlib.suppress(OSError):
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            key, _, value = line.partition(":")
            fields[key] = value.strip()
    return fields.get("Name", ""), int(fields.get("VmHWM", "0 kB").split()[0]) * 1024


def run_watching_memory(command, programs, **options):
    """Seconds that `command` took, and the peak memory of its processes: the largest one's of each name in `programs`.

    Not the sum of all: a process that is just being started still shares its parent's memory and name. The kernel keeps each peak, so that looking every 20 ms misses at most what the last 20 ms added.
    """
    peaks = {}
    done = threading.Event()

    def watch():
        while not done.wait(0.02):
            for pid in descendants(os.getpid()):
                name, peak = peak_of(pid)
                if name in programs:
                    peaks[name] = max(peaks.get(name, 0), peak)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        seconds = run(command, **options)
    finally:
        done.set()
        watcher.join()
    return seconds, sum(peaks.values())

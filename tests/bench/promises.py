"""The promises of the project for local runs, one function each: (workbench, repetitions) → Outcome."""

import json
import os
import shutil
import signal
import subprocess
import time

import measure
import schedule
from table import Outcome, against, milliseconds
from workbench import BUBBLEWRAP, PIPELINE, many_files, stage

TREE_FILES = 20_000
# As the kernel has them, cut to 15 characters.
PROGRAMS = {"pipeline", "pipeline-sandbox"[:15]}


def available(program, *command):
    """`command` when `program` works on this machine, else None."""
    if shutil.which(program) is None:
        return None
    return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0


def pipeline_run(bench, repository, *arguments):
    return measure.run([PIPELINE, "run", *arguments], cwd=repository, env=bench.env)


def bubblewrap(command):
    works = available("bwrap", *BUBBLEWRAP, "true")
    return [*BUBBLEWRAP, *command] if works else None


def subject(command, **options):
    return None if command is None else lambda: measure.run(command, **options)


def empty_run(bench, repetitions):
    repository = bench.repository("empty", 'name = "empty"\n' + stage("empty", "true"))
    seconds = measure.in_turn(
        max(repetitions, 11),
        ours=lambda: pipeline_run(bench, repository),
        spawn=subject(["/bin/true"]),
        bubblewrap=subject(bubblewrap(["/bin/true"])),
    )
    return Outcome(
        "one empty sandboxed stage, cold: at most 20 ms",
        milliseconds(seconds["ours"]),
        seconds["ours"] <= 0.020,
        {
            "fork and exec of true": against(seconds["ours"], seconds["spawn"]),
            "bubblewrap around true": against(seconds["ours"], seconds["bubblewrap"]),
        },
    )


def many_jobs(bench, repetitions):
    count = 1000
    stages = "".join(stage(f"job{i}", "true", needs="[]") for i in range(count))
    repository = bench.repository("many", 'name = "many"\n' + stages)
    rules = "".join(f".PHONY: j{i}\nall: j{i}\nj{i}:\n\t@/bin/sh -eu -c true\n" for i in range(count))
    make = bench.write("many.mk", "all:\n" + rules)
    builds = "rule t\n  command = true\n" + "".join(f"build j{i}: t\n" for i in range(count))
    ninja = bench.write("many.ninja", builds)
    spawn = ["xargs", "-P", "2", "-n", "1"]
    numbers = bench.write("numbers", "".join(f"{i}\n" for i in range(count)))
    fork = [*spawn, "-a", numbers, "/bin/sh", "-eu", "-c", "true"]
    boxed = bubblewrap(["/bin/sh", "-eu", "-c", "true"])
    seconds = measure.in_turn(
        max(2, repetitions // 2),
        ours=lambda: pipeline_run(bench, repository, "--jobs", "2"),
        fork=subject(fork),
        boxed=subject(boxed and [*spawn, "-a", numbers, *boxed]),
        make=subject(["make", "-s", "-j2", "-f", make], cwd=bench.root) if shutil.which("make") else None,
        ninja=subject(["ninja", "-j2", "-f", ninja], cwd=bench.root) if shutil.which("ninja") else None,
    )
    rate = count / seconds["ours"]
    shown = {name: f"{count / value:.0f} jobs/s" if value else "not to be had here" for name, value in seconds.items()}
    return Outcome(
        f"{count} independent empty jobs, sandboxed, 2 at a time: at least 300 jobs/s",
        f"{rate:.0f} jobs/s",
        rate >= 300,
        {
            "xargs -P2 sh -c true, no isolation": shown["fork"],
            "xargs -P2 bubblewrap": shown["boxed"],
            "make -j2, no isolation": shown["make"],
            "ninja -j2, no isolation": shown["ninja"],
        },
    )


def chain(bench, repetitions):
    hops = 200
    repository = bench.repository("chain", 'name = "chain"\n' + "".join(stage(f"hop{i}", "true") for i in range(hops)))
    rules = "".join(f".PHONY: j{i}\nj{i}: {f'j{i - 1}' if i else ''}\n\t@/bin/sh -eu -c true\n" for i in range(hops))
    make = bench.write("chain.mk", f"all: j{hops - 1}\n" + rules)
    builds = "rule t\n  command = true\n" + "".join(f"build j{i}: t {f'j{i - 1}' if i else ''}\n" for i in range(hops))
    ninja = bench.write("chain.ninja", builds)
    seconds = measure.in_turn(
        repetitions,
        ours=lambda: pipeline_run(bench, repository),
        make=subject(["make", "-s", "-f", make], cwd=bench.root) if shutil.which("make") else None,
        ninja=subject(["ninja", "-f", ninja], cwd=bench.root) if shutil.which("ninja") else None,
    )
    shown = {name: milliseconds(value / hops) if value else "not to be had here" for name, value in seconds.items()}
    return Outcome(
        f"a chain of {hops} sandboxed stages: at most 4 ms a hop",
        shown["ours"],
        seconds["ours"] / hops <= 0.004,
        {"make, no isolation": shown["make"], "ninja, no isolation": shown["ninja"]},
    )


def makespan(bench, repetitions):
    graph = schedule.random_graph(40, seed=40)
    bound = schedule.list_schedule(graph, slots=2) / 1000
    stages, rules, builds = "", "", "rule t\n  command = $cmd\n"
    for index, (duration, needs) in enumerate(graph):
        command = f"sleep {duration / 1000}"
        quoted = ", ".join(f'"j{need}"' for need in needs)
        names = " ".join(f"j{need}" for need in needs)
        stages += stage(f"j{index}", command, needs=f"[{quoted}]")
        rules += f".PHONY: j{index}\nall: j{index}\nj{index}: {names}\n\t@{command}\n"
        builds += f"build j{index}: t {names}\n  cmd = {command}\n"
    repository = bench.repository("graph", 'name = "graph"\n' + stages)
    make = bench.write("graph.mk", "all:\n" + rules)
    ninja = bench.write("graph.ninja", builds)
    seconds = measure.in_turn(
        max(2, repetitions // 2),
        ours=lambda: pipeline_run(bench, repository, "--jobs", "2"),
        make=subject(["make", "-s", "-j2", "-f", make], cwd=bench.root) if shutil.which("make") else None,
        ninja=subject(["ninja", "-j2", "-f", ninja], cwd=bench.root) if shutil.which("ninja") else None,
    )
    ratio = {name: f"{value / bound:.3f}" if value else "not to be had here" for name, value in seconds.items()}
    return Outcome(
        "makespan of a graph of 40 jobs against its list-scheduling bound: at most 1.05",
        ratio["ours"],
        seconds["ours"] / bound <= 1.05,
        {"bound, 2 slots": milliseconds(bound), "make -j2": ratio["make"], "ninja -j2": ratio["ninja"]},
    )


def log_command(size):
    return f"yes 'a line of output as a compiler or a test would print it, some 80 columns wide' | head -c {size}"


def log(bench, repetitions):
    limits = "{ output = '2GB' }".replace("'", '"')
    big, huge = log_command(100_000_000), log_command(1_000_000_000)
    repository = bench.repository("log", 'name = "log"\n' + stage("log", big, sandbox=limits))
    repository_1g = bench.repository("log1g", 'name = "log1g"\n' + stage("log", huge, sandbox=limits))
    target = bench.root / "plain.log"
    memory = []

    def ours():
        command = [PIPELINE, "run"]
        seconds, peak = measure.run_watching_memory(command, PROGRAMS, cwd=repository, env=bench.env)
        memory.append(peak)
        return seconds

    seconds = measure.in_turn(repetitions, ours=ours, file=subject(["/bin/sh", "-c", f"({big}) > {target}"]))
    _, peak_1g = measure.run_watching_memory([PIPELINE, "run"], PROGRAMS, cwd=repository_1g, env=bench.env)
    peak = max(memory)
    ratio = seconds["ours"] / seconds["file"]
    return Outcome(
        "100 MB of log: at most 2 × the same command to a file, at most 32 MiB, and the same at 1 GB",
        f"{ratio:.2f} ×, {peak / 2**20:.1f} MiB; at 1 GB {peak_1g / 2**20:.1f} MiB",
        ratio <= 2 and max(peak, peak_1g) <= 32 * 2**20,
        {"command > file": against(seconds["ours"], seconds["file"])},
        "memory: peak resident of the program, and of its largest helper process, added",
    )


def unchanged(bench, repetitions):
    stages = "".join(
        stage(f"s{i}", f"cat src/* > out{i}", inputs='["src/**"]', outputs=f'["out{i}"]') for i in range(5)
    )
    files = [(f"src/f{i}", f"{i}\n") for i in range(20)]
    repository = bench.repository("unchanged", 'name = "unchanged"\n' + stages, files)
    ours = measure.in_turn(max(repetitions, 11), ours=lambda: pipeline_run(bench, repository))["ours"]
    events = subprocess.run([PIPELINE, "run", "--json"], cwd=repository, env=bench.env, capture_output=True, text=True)
    kinds = [json.loads(line).get("event") for line in events.stdout.splitlines()]
    return Outcome(
        "nothing changed since the last run, 5 stages: at most 50 ms",
        f"{milliseconds(ours)}, {kinds.count('job-cached')} of 5 cached",
        ours <= 0.050 and kinds.count("job-cached") == 5,
        {},
    )


def change_one_file(bench, repository, number):
    bench.write(f"{repository}/src/00/0000/file0.c", f"/* change {number} */\n")


def sync(bench, repetitions):
    """Both sides fetch the same new commit from the same server, into what they had before it."""
    pipeline = 'name = "sync"\n' + stage("empty", "true")
    bench.repository("upstream", pipeline, many_files(TREE_FILES))
    bench.repository("small", pipeline)
    with bench.serve("upstream") as url, bench.serve("small") as small_url:
        return sync_from(bench, repetitions, url, small_url)


def sync_from(bench, repetitions, url, small_url):
    subprocess.run(["git", "clone", "-q", url, bench.root / "clone"], check=True, env=bench.env)
    measure.run([PIPELINE, "run", "--repo", url], cwd=bench.root, env=bench.env)
    numbers = iter(range(10**6))

    def new_commit():
        change_one_file(bench, "upstream", next(numbers))
        bench.git("upstream", "commit", "-q", "-a", "-m", "Change one file")

    def ours():
        new_commit()
        return measure.run([PIPELINE, "run", "--repo", url], cwd=bench.root, env=bench.env)

    def git():
        new_commit()
        clone = ["git", "-C", bench.root / "clone", "-c", "gc.auto=0", "-c", "maintenance.auto=false"]
        fetch = measure.run([*clone, "fetch", "-q", "origin"], env=bench.env)
        return fetch + measure.run([*clone, "checkout", "-q", "--detach", "origin/main"], env=bench.env)

    # What of a run is neither fetch nor work tree: one of a repository of one file, which has to ask its server as well.
    def empty():
        return measure.run([PIPELINE, "run", "--repo", small_url], cwd=bench.root, env=bench.env)

    def ask():
        return measure.run(["git", "ls-remote", "-q", small_url], cwd=bench.root, env=bench.env)

    seconds = measure.in_turn(repetitions, ours=ours, git=git, empty=empty, ask=ask)
    # Asking is part of a sync, and was taken away with the empty run.
    ours_alone = max(0.0, seconds["ours"] - seconds["empty"] + seconds["ask"])
    return Outcome(
        f"sync of one new commit in {TREE_FILES:,} files, work tree ready: at most git's own fetch and checkout",
        f"{milliseconds(ours_alone)}, {ours_alone / seconds['git']:.2f} × git",
        ours_alone <= seconds["git"],
        {"git fetch, git checkout": milliseconds(seconds["git"]), "git ls-remote": milliseconds(seconds["ask"])},
        f"a whole run {milliseconds(seconds['ours'])}, less one of a repository of one file "
        f"{milliseconds(seconds['empty'])}, plus git ls-remote; both from git daemon on loopback",
    )


def snapshot(bench, repetitions):
    repository = bench.repository("tree", 'name = "tree"\n' + stage("empty", "true"), many_files(TREE_FILES))
    small = bench.repository("bare", 'name = "bare"\n' + stage("empty", "true"))
    numbers = iter(range(10**6))
    index = bench.root / "index"

    def ours():
        change_one_file(bench, "tree", next(numbers))
        return measure.run([PIPELINE, "plan"], cwd=repository, env=bench.env)

    def git():
        change_one_file(bench, "tree", next(numbers))
        shutil.copy(repository / ".git" / "index", index)
        env = {**bench.env, "GIT_INDEX_FILE": str(index)}
        add = measure.run(["git", "add", "-A"], cwd=repository, env=env)
        return add + measure.run(["git", "write-tree"], cwd=repository, env=env)

    def empty():
        return measure.run([PIPELINE, "plan"], cwd=small, env=bench.env)

    seconds = measure.in_turn(repetitions, ours=ours, git=git, empty=empty)
    return Outcome(
        f"snapshot of a working tree of {TREE_FILES:,} files, one of them modified: at most 0.15 s",
        milliseconds(seconds["ours"]),
        seconds["ours"] <= 0.150,
        {"git add, git write-tree, a second index": against(seconds["ours"], seconds["git"])},
        f"`pipeline plan` as a whole; of a repository of one file it takes {milliseconds(seconds['empty'])}",
    )


def tree_of_stages(count):
    """Each stage needs the one at half its number: wide, and log2(count) deep."""
    text = stage("s0", "true", needs="[]")
    return text + "".join(stage(f"s{i}", "true", needs=f'["s{i // 2}"]') for i in range(1, count))


def until_first_job(repository, env):
    """Seconds until a run says that its first job has started. The run is then ended, as Ctrl-C would."""
    begin = time.perf_counter()
    run = subprocess.Popen(
        [PIPELINE, "run", "--json"], cwd=repository, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    started = any(b'"job-started"' in line for line in run.stdout)
    seconds = time.perf_counter() - begin
    run.send_signal(signal.SIGINT)
    run.stdout.read()
    run.wait()
    if not started:
        raise measure.Failed("no job of the run has started")
    return seconds


def many_stages(bench, repetitions):
    repository = bench.repository("stages", 'name = "stages"\n' + tree_of_stages(5000))
    smaller = bench.repository("fewer", 'name = "fewer"\n' + tree_of_stages(500))
    cells = ", ".join(f'"{i}"' for i in range(16))
    matrix = f"{{ a = [{cells}], b = [{cells}] }}"
    square = bench.repository("cells", 'name = "cells"\n' + stage("cell", "true", matrix=matrix))
    seconds = measure.in_turn(
        max(2, repetitions // 2),
        check=subject([PIPELINE, "check"], cwd=repository, env=bench.env),
        plan=subject([PIPELINE, "plan"], cwd=repository, env=bench.env),
        first=lambda: until_first_job(repository, bench.env),
        cells=lambda: pipeline_run(bench, square),
    )
    watch = {"env": bench.env, "programs": PROGRAMS}
    whole, peak = measure.run_watching_memory([PIPELINE, "run"], cwd=repository, **watch)
    _, peak_of_fewer = measure.run_watching_memory([PIPELINE, "run"], cwd=smaller, **watch)
    each = (peak - peak_of_fewer) / 4500
    return Outcome(
        "a pipeline of 5,000 stages: checked, planned and its first job started in under 2 s, at most 8 KiB of memory a stage",
        f"{milliseconds(seconds['first'])}, {each / 1024:.1f} KiB a stage",
        seconds["first"] < 2 and each <= 8 * 1024,
        {"pipeline check": milliseconds(seconds["check"]), "pipeline plan": milliseconds(seconds["plan"])},
        f"the whole run of 5,000 took {whole:.1f} s and {peak / 2**20:.1f} MiB, one of 256 matrix cells "
        f"{milliseconds(seconds['cells'])}; `true` in each",
    )


PROMISES = {
    "empty-run": empty_run,
    "many-jobs": many_jobs,
    "chain": chain,
    "makespan": makespan,
    "log": log,
    "unchanged": unchanged,
    "sync": sync,
    "snapshot": snapshot,
    "many-stages": many_stages,
}

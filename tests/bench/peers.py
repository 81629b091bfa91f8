#!/usr/bin/env python3
"""The same ten jobs with gitlab-ci-local and with pipeline: wall time, memory, and what each prints.

    tests/bench/peers.py [--gitlab-ci-local PROGRAM] [--repetitions N] [--output]

Without PROGRAM it is taken from PATH, else installed by npm into a directory that is removed at the end (a minute or more).
It needs Node.js 18 and rsync. Its jobs run on this machine as they are, ours in a sandbox each.
"""

import argparse
import contextlib
import pathlib
import shutil
import subprocess
import sys
import tempfile

import measure
from main import default_directory
from workbench import PIPELINE, Workbench, stage

# The newest that Node.js 18 and 20 can run.
PACKAGE = "gitlab-ci-local@4.61.0"

# Two to prepare, six that need one of them, two at the end; the last but one fails.
JOBS = {
    "configure": ([], "echo configuring"),
    "generate": ([], "echo generating 12 files"),
    **{f"compile-{i}": (["configure" if i % 2 else "generate"], f"echo compiling module {i}") for i in range(6)},
    "unit": ([f"compile-{i}" for i in range(6)], "echo 41 passed, 1 failed; echo 'cart_test.cc:41: expected 3, got 4' >&2; exit 1"),
    "report": (["unit"], "echo reporting"),
}


def as_toml():
    stages = (stage(name, command, needs=str(needs).replace("'", '"')) for name, (needs, command) in JOBS.items())
    return 'name = "peers"\n\n' + "".join(stages)


def as_yaml():
    lines = ["stages: [all]"]
    for name, (needs, command) in JOBS.items():
        quoted = command.replace('"', '\\"')
        lines += [f"{name}:", "  stage: all", f"  needs: {needs}".replace("'", '"'), f'  script: ["{quoted}"]']
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def peer(program):
    found = program or shutil.which("gitlab-ci-local")
    if found:
        yield [str(pathlib.Path(found).resolve())]
        return
    for tool in ("npm", "rsync"):
        if shutil.which(tool) is None:
            raise measure.Failed(f"{tool} is missing: gitlab-ci-local cannot be had without it")
    with tempfile.TemporaryDirectory(prefix="pipeline-peers-") as directory:
        print(f"installing {PACKAGE} with npm …", file=sys.stderr, flush=True)
        install = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", directory, PACKAGE]
        if subprocess.run(install, stdin=subprocess.DEVNULL).returncode != 0:
            raise measure.Failed(f"npm could not install {PACKAGE}")
        yield [str(pathlib.Path(directory) / "node_modules" / ".bin" / "gitlab-ci-local")]


def output_of(command, **options):
    # As at a terminal of 100 columns that takes no colours.
    run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    return run.stdout


def compare(program, repetitions, directory):
    with peer(program) as theirs, Workbench(directory) as bench:
        repository = bench.repository("peers", as_toml(), [(".gitlab-ci.yml", as_yaml())])
        bench.env["COLUMNS"] = "100"
        ours = [str(PIPELINE), "run"]
        options = {"cwd": repository, "env": bench.env}
        seconds = measure.in_turn(
            repetitions,
            ours=lambda: measure.run(ours, expect=1, **options),
            theirs=lambda: measure.run(theirs, expect=1, **options),
        )
        memory = {}
        for name, command in (("ours", ours), ("theirs", theirs)):
            programs = {"pipeline", "pipeline-sandbox"[:15], "node", "MainThread"}
            _, memory[name] = measure.run_watching_memory(command, programs, expect=1, **options)
        return seconds, memory, {"pipeline": output_of(ours, **options), "gitlab-ci-local": output_of(theirs, **options)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gitlab-ci-local", dest="program", metavar="PROGRAM")
    parser.add_argument("--repetitions", type=int, default=5, help="of which the median counts (default 5)")
    parser.add_argument("--directory", default=default_directory(), help="where to work (default: /dev/shm, else TMPDIR)")
    parser.add_argument("--output", action="store_true", help="show also what both print")
    arguments = parser.parse_args()
    try:
        seconds, memory, outputs = compare(arguments.program, arguments.repetitions, arguments.directory)
    except measure.Failed as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 3
    print("ten jobs, one of which fails       wall time (median)   peak memory")
    for name, key in (("pipeline, sandboxed", "ours"), ("gitlab-ci-local, not isolated", "theirs")):
        print(f"  {name:<32} {seconds[key] * 1000:12.1f} ms   {memory[key] / 2**20:9.1f} MiB")
    print(f"  {seconds['theirs'] / seconds['ours']:.1f} × as fast, {memory['theirs'] / memory['ours']:.1f} × less memory")
    if arguments.output:
        for name, text in outputs.items():
            print(f"\n---- {name} {'-' * (80 - len(name))}\n{text}", end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs clang-tidy over the compile database, or over FILEs.

    scripts/clang_tidy.py [--all] [--jobs N] [FILE...]

A file that was found clean is not looked at again while neither it, nor a header of this project, nor .clang-tidy has
changed: its result is kept under build/lint by a hash of all of them that it includes. `--all` ignores what is kept;
`--jobs` is how many files are looked at at a time, by default as many as there are processors.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATABASE = ROOT / "build" / os.environ.get("PIPELINE_PRESET", "release")
KEPT = ROOT / "build" / "lint"
INCLUDE = re.compile(rb'^\s*#include\s+"([^"]+)"', re.M)


def own_includes(path, seen):
    """All files of this project that `path` includes, itself first."""
    if path in seen or not path.is_file():
        return
    seen[path] = path.read_bytes()
    for name in INCLUDE.findall(seen[path]):
        own_includes(ROOT / name.decode(), seen)


def fingerprint(path):
    seen = {}
    own_includes(path, seen)
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
    for file in sorted(seen):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + seen[file] + b"\0")
    return digest.hexdigest()


def precompiled():
    """Our precompiled headers in clang's own form, which cannot read GCC's: one for tests, one for the rest."""
    headers = {name: KEPT / f"{name}.pch" for name in ("standard_pch", "test_pch")}
    for name, target in headers.items():
        source = ROOT / "scripts" / "cmake" / f"{name}.h"
        command = ["clang++", "-x", "c++-header", "-std=c++20", f"-I{ROOT}", str(source), "-o", str(target)]
        subprocess.run(command, check=True)
    return headers


def arguments_of(entry, headers):
    """What of GCC's command line clang needs to understand the file."""
    words = iter(shlex.split(entry["command"]))
    kept = ["-std=c++20", "-Wreserved-identifier"]
    for word in words:
        if word == "-isystem":
            kept += [word, next(words)]
        elif word.startswith(("-D", "-I")):
            kept.append(word)
    in_tests = pathlib.Path(entry["file"]).is_relative_to(ROOT / "tests")
    kept += ["-include-pch", str(headers["test_pch" if in_tests else "standard_pch"])]
    # The analyzer may look at a tenth of the paths it would by default: a tenth of the time, nearly all of the findings.
    return kept + ["-Xclang", "-analyzer-config", "-Xclang", "max-nodes=20000"]


def check(path, arguments):
    command = ["clang-tidy", "--quiet", str(path), "--", *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return result.returncode, result.stdout


def options():
    parser = argparse.ArgumentParser(description="Runs clang-tidy over the compile database, or over FILEs.")
    parser.add_argument("--all", action="store_true", help="look also at files that were found clean before")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="files at a time")
    parser.add_argument("files", nargs="*", metavar="FILE")
    return parser.parse_args()


def main():
    wanted = options()
    KEPT.mkdir(parents=True, exist_ok=True)
    entries = json.loads((DATABASE / "compile_commands.json").read_text())
    entries = {pathlib.Path(entry["file"]): entry for entry in entries}
    named = {(ROOT / name).resolve() for name in wanted.files}
    files = sorted(named or entries)
    files = [file for file in files if file.is_relative_to(ROOT) and not file.is_relative_to(ROOT / "build")]
    marks = {file: KEPT / fingerprint(file) for file in files}
    todo = [file for file in files if wanted.all or not marks[file].exists()]
    print(f"clang-tidy: {len(files)} files, {len(files) - len(todo)} known to be clean", flush=True)
    headers = precompiled() if todo else {}
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(wanted.jobs) as pool:
        results = pool.map(lambda file: check(file, arguments_of(entries[file], headers)), todo)
        for file, (status, output) in zip(todo, results):
            if status == 0:
                marks[file].touch()
            else:
                failed += 1
                print(f"{file.relative_to(ROOT)}:\n{output}", flush=True)
    if failed:
        print(f"error: clang-tidy has something to say about {failed} files; fix it or write NOLINT with a reason")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

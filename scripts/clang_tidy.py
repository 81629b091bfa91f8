#!/usr/bin/env python3
"""Runs clang-tidy over the compile database, two files at a time on two cores.

A file that was found clean is not looked at again while neither it, nor a header of this project, nor .clang-tidy has
changed: its result is kept under build/lint by a hash of all of them that it includes. `--all` ignores what is kept.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATABASE = ROOT / "build" / "release"
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


def check(path):
    command = ["clang-tidy", "--quiet", "-p", str(DATABASE), str(path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return result.returncode, result.stdout


def main():
    KEPT.mkdir(parents=True, exist_ok=True)
    entries = json.loads((DATABASE / "compile_commands.json").read_text())
    files = sorted({pathlib.Path(entry["file"]) for entry in entries})
    files = [file for file in files if file.is_relative_to(ROOT) and not file.is_relative_to(ROOT / "build")]
    marks = {file: KEPT / fingerprint(file) for file in files}
    todo = [file for file in files if "--all" in sys.argv or not marks[file].exists()]
    print(f"clang-tidy: {len(files)} files, {len(files) - len(todo)} known to be clean")
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, (status, output) in zip(todo, pool.map(check, todo)):
            if status == 0:
                marks[file].touch()
            else:
                failed += 1
                print(f"{file.relative_to(ROOT)}:\n{output}")
    if failed:
        print(f"error: clang-tidy has something to say about {failed} files; fix it or write NOLINT with a reason")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

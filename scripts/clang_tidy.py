#!/usr/bin/env python3
"""Runs clang-tidy over the compile database, or over FILEs.

    scripts/clang_tidy.py [--all] [--commits N [--most N]] [--jobs N] [FILE...]

A file that was found clean is not looked at again while neither it, nor a header of this project, nor .clang-tidy has
changed: its result is kept under build/lint by a hash of all of them that it includes. `--all` ignores what is kept;
`--commits` looks only at files that the last N commits changed, with `--most` only at so many of them, those that changed
last; `--jobs` is how much is looked at at a time, by default as much as there are processors.

Three quarters of the time would go into the declarations of headers, so files of one folder are looked at together, as
one text: as far as it compiles, else in halves. Whatever is found then is looked for again in each file alone, and only
that is told.
"""

import argparse
import concurrent.futures
import hashlib
import itertools
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATABASE = ROOT / "build" / os.environ.get("PIPELINE_PRESET", "release")
KEPT = ROOT / "build" / "lint"
MOST_TOGETHER = 10
USING = re.compile(r"^using [\w:]*?(\w+);$")
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


def alone(path, arguments):
    """What clang-tidy says of the file; empty if nothing."""
    command = ["clang-tidy", "--quiet", str(path), "--", *arguments]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return (result.stdout or result.stderr or "clang-tidy failed") if result.returncode else ""


def joined(files):
    """Their texts in a row. The same name must not be brought in twice, or the second would count as unused."""
    text, known = [], set()
    for file in files:
        lines = file.read_text().split("\n")
        for number, line in enumerate(lines):
            using = USING.match(line)
            if not using:
                continue
            is_used = sum(using[1] in re.findall(r"\w+", other) for other in lines) > 1
            if line in known and is_used:
                lines[number] = ""
            known.add(line)
        text += lines
    return "\n".join(text)


def together(files, arguments):
    """What clang-tidy says of files of one folder, by file."""
    if len(files) == 1:
        return {files[0]: alone(files[0], arguments)}
    with tempfile.NamedTemporaryFile("w", suffix=".cc", dir=KEPT) as text:
        text.write(joined(files))
        text.flush()
        syntax = ["clang++", "-w", "-fsyntax-only", text.name, *arguments]
        if subprocess.run(syntax, cwd=ROOT, capture_output=True).returncode:
            half = len(files) // 2
            return together(files[:half], arguments) | together(files[half:], arguments)
        if not alone(text.name, arguments):
            return {file: "" for file in files}
    return {file: alone(file, arguments) for file in files}


def groups(arguments):
    """Files that may be looked at together, and their arguments: those of one folder that are compiled alike, in groups
    none of which is much smaller than another of its folder."""

    def alike(file):
        return file.parent, arguments[file]

    for (_, shared), of_folder in itertools.groupby(sorted(arguments, key=alike), alike):
        members = list(of_folder)
        count = -(-len(members) // MOST_TOGETHER)
        for number in range(count):
            yield members[number::count], shared


def options():
    parser = argparse.ArgumentParser(description="Runs clang-tidy over the compile database, or over FILEs.")
    parser.add_argument("--all", action="store_true", help="look also at files that were found clean before")
    parser.add_argument("--commits", type=int, metavar="N", help="only files that the last N commits changed")
    parser.add_argument("--most", type=int, metavar="N", help="of these, only the N that changed last")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="files at a time")
    parser.add_argument("files", nargs="*", metavar="FILE")
    return parser.parse_args()


def changed(commits, files, most):
    """Those of `files` that the last commits changed, the newest changes first."""
    command = ["git", "log", f"-{commits}", "--name-only", "--format="]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    all_of_them = [file for file in dict.fromkeys(ROOT / name for name in names if name) if file in files]
    kept = all_of_them[:most]
    if len(kept) < len(all_of_them):
        print(f"clang-tidy: {len(all_of_them) - len(kept)} files that changed before these are not looked at")
    return kept


def main():
    wanted = options()
    KEPT.mkdir(parents=True, exist_ok=True)
    entries = json.loads((DATABASE / "compile_commands.json").read_text())
    entries = {pathlib.Path(entry["file"]): entry for entry in entries}
    named = {(ROOT / name).resolve() for name in wanted.files}
    unknown = sorted(str(file) for file in named.difference(entries))
    if unknown:
        sys.exit(f"error: not in {DATABASE / 'compile_commands.json'}: {', '.join(unknown)}")
    files = sorted(named or entries)
    if wanted.commits:
        files = sorted(changed(wanted.commits, set(files), wanted.most))
    files = [file for file in files if file.is_relative_to(ROOT) and not file.is_relative_to(ROOT / "build")]
    marks = {file: KEPT / fingerprint(file) for file in files}
    todo = [file for file in files if wanted.all or not marks[file].exists()]
    print(f"clang-tidy: {len(files)} files, {len(files) - len(todo)} known to be clean", flush=True)
    headers = precompiled() if todo else {}
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(wanted.jobs) as pool:
        arguments = {file: arguments_of(entries[file], headers) for file in todo}
        results = pool.map(lambda group: together(*group), groups(arguments))
        for file, said in (item for result in results for item in result.items()):
            if not said:
                marks[file].touch()
            else:
                failed += 1
                print(f"{file.relative_to(ROOT)}:\n{said}", flush=True)
    if failed:
        print(f"error: clang-tidy has something to say about {failed} files; fix it or write NOLINT with a reason")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

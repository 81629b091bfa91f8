#!/usr/bin/env python3
"""Holds the source tree to the law of the house (scripts/layers.toml). `--self-test` proves that each breach is seen.

  order        an include points to its own folder or to one earlier in `order`
  declared     … and to one that the folder's CMakeLists.txt names after DEPENDS, or that such a one names
  third party  a third-party header stays in the folders that own it
  pure         pipelines/ includes nothing that could have an effect
  cycles       no header includes itself by way of others
  documents    every header opens with a comment; every folder has a README.md of at most 40 lines (generated tables not counted)
  size         no source file over 600 lines
"""

import pathlib
import re
import sys
import tempfile
import tomllib

INCLUDE = re.compile(r'^\s*#include\s+(?:"([^"]+)"|<([^>]+)>)', re.M)
DEPENDS = re.compile(r"^pipeline_(?:library|helper|program)\(([^)]*)\)", re.S | re.M)
KEYWORDS = {"DEPENDS", "THIRD_PARTY", "SOURCES"}
TOPS = ("pipelines", "stages", "agents", "runner")
MAX_LINES = 600
MAX_README_LINES = 40


class Tree:
    """What the checks read: every source file of the layered folders, what it includes, and what each folder declares."""

    def __init__(self, root, rules):
        self.root = root
        self.rules = rules
        self.order = {folder: place for place, folder in enumerate(rules["order"])}
        self.files = sorted(
            path
            for top in TOPS
            for path in (root / top).rglob("*")
            if path.suffix in (".h", ".cc") and not {"examples", "templates"} & set(path.relative_to(root).parts)
        )
        found = {path: INCLUDE.findall(path.read_text()) for path in self.files}
        self.own = {path: [own for own, _ in pairs if own] for path, pairs in found.items()}
        self.system = {path: [system for _, system in pairs if system] for path, pairs in found.items()}

    def name(self, path):
        return str(path.relative_to(self.root))

    def folder(self, path):
        return str(path.parent.relative_to(self.root))

    def depends(self, folder):
        listing = self.root / folder / "CMakeLists.txt"
        match = DEPENDS.search(listing.read_text()) if listing.is_file() else None
        names, take = set(), False
        for word in match.group(1).split() if match else []:
            if word in KEYWORDS:
                take = word == "DEPENDS"
            elif take:
                names.add(word)
        return names

    def reachable(self, folder):
        seen, todo = set(), [folder]
        while todo:
            for name in self.depends(todo.pop()) - seen:
                seen.add(name)
                todo.append(name)
        return seen | {folder}


def check_order(tree):
    for path in tree.files:
        here = tree.folder(path)
        if here not in tree.order:
            yield f"{tree.name(path)}: folder {here} is not in scripts/layers.toml"
            continue
        for own in tree.own[path]:
            there = str(pathlib.PurePosixPath(own).parent)
            if there not in tree.order:
                yield f'{tree.name(path)}: "{own}" is not spelled from the repository root, or its folder has no layer'
            elif tree.order[there] > tree.order[here]:
                yield f'{tree.name(path)}: includes "{own}", but {there} comes after {here}'


def check_declared(tree):
    reachable = {}
    for path in tree.files:
        here = tree.folder(path)
        if here not in reachable:
            reachable[here] = tree.reachable(here)
        for own in tree.own[path]:
            there = str(pathlib.PurePosixPath(own).parent)
            if there in tree.order and there not in reachable[here]:
                yield f'{tree.name(path)}: includes "{own}", but {here}/CMakeLists.txt does not name {there} after DEPENDS'


def check_third_party(tree):
    for path in tree.files:
        here = tree.folder(path) + "/"
        for system in tree.system[path]:
            for name, rule in tree.rules["third_party"].items():
                if system.startswith(tuple(rule["headers"])) and not here.startswith(
                    tuple(folder + "/" for folder in rule["folders"])
                ):
                    yield f"{tree.name(path)}: <{system}> belongs to {', '.join(rule['folders'])} ({name})"


def check_pure(tree):
    rule = tree.rules["pure"]
    for path in tree.files:
        if tree.name(path).startswith(tuple(rule["folders"])):
            for system in tree.system[path]:
                for refused in rule["refused"]:
                    if system == refused or (refused.endswith("/") and system.startswith(refused)):
                        yield f"{tree.name(path)}: <{system}> has effects; pipelines/ is pure"


def check_cycles(tree):
    own = {tree.name(path): tree.own[path] for path in tree.files if path.suffix == ".h"}
    done, stack = set(), []

    def visit(header):
        if header in stack:
            yield "include cycle: " + " -> ".join(stack[stack.index(header) :] + [header])
        elif header in own and header not in done:
            stack.append(header)
            for name in own[header]:
                yield from visit(name)
            stack.pop()
            done.add(header)

    for header in own:
        yield from visit(header)


def check_documents(tree):
    for path in tree.files:
        if path.suffix == ".h" and not path.read_text().lstrip().startswith("//"):
            yield f"{tree.name(path)}: a header opens with a comment that says what it is"
    for folder in sorted({tree.folder(path) for path in tree.files}):
        readme = tree.root / folder / "README.md"
        if not readme.is_file():
            yield f"{folder}: has no README.md"
        elif sum(not line.startswith("|") for line in readme.read_text().splitlines()) > MAX_README_LINES:
            yield f"{folder}/README.md: more than {MAX_README_LINES} lines"


def check_size(tree):
    for path in tree.files:
        lines = path.read_text().count("\n")
        if lines > MAX_LINES:
            yield f"{tree.name(path)}: {lines} lines; at most {MAX_LINES}"


CHECKS = [check_order, check_declared, check_third_party, check_pure, check_cycles, check_documents, check_size]


def breaches(root):
    rules = tomllib.loads((root / "scripts" / "layers.toml").read_text())
    tree = Tree(root, rules)
    return [message for check in CHECKS for message in check(tree)], len(tree.files)


# ---- self test: a small tree that keeps the law, and one change for each way to break it ---------------------------

LAWFUL = {
    "scripts/layers.toml": """
order = ["pipelines/base", "pipelines/run", "stages/host"]
[pure]
folders = ["pipelines/"]
refused = ["unistd.h", "sys/"]
[third_party]
git = { headers = ["git2"], folders = ["stages/host"] }
""",
    "pipelines/base/CMakeLists.txt": "pipeline_library()\n",
    "pipelines/base/README.md": "# base\n",
    "pipelines/base/a.h": "// What a is.\n#pragma once\n",
    "pipelines/run/CMakeLists.txt": "pipeline_library(DEPENDS pipelines/base)\n",
    "pipelines/run/README.md": "# run\n",
    "pipelines/run/b.h": '// What b is.\n#include "pipelines/base/a.h"\n',
    "stages/host/CMakeLists.txt": "pipeline_library(DEPENDS pipelines/run THIRD_PARTY git)\n",
    "stages/host/README.md": "# host\n",
    "stages/host/c.h": '// What c is.\n#include <git2.h>\n#include <unistd.h>\n#include "pipelines/base/a.h"\n',
}

UNLAWFUL = {
    "comes after": {"pipelines/base/a.h": '// a\n#include "stages/host/c.h"\n'},
    "after DEPENDS": {"pipelines/run/CMakeLists.txt": "pipeline_library()\n"},
    "stages/host/CMakeLists.txt does not name": {
        "stages/host/CMakeLists.txt": "pipeline_program(host DEPENDS stages/host)\n"
    },
    "(git)": {"pipelines/run/b.h": "// b\n#include <git2/types.h>\n"},
    "is pure": {"pipelines/run/b.h": "// b\n#include <sys/stat.h>\n"},
    "include cycle": {
        "pipelines/base/a.h": '// a\n#include "pipelines/base/z.h"\n',
        "pipelines/base/z.h": '// z\n#include "pipelines/base/a.h"\n',
    },
    "opens with a comment": {"pipelines/base/a.h": "#pragma once\n"},
    "has no README.md": {"stages/other/d.cc": "\n"},
    "more than 40 lines": {"pipelines/run/README.md": "x\n" * 41},
    "at most 600": {"stages/host/c.cc": "\n" * 601},
    "is not in scripts/layers.toml": {"stages/other/d.cc": "\n"},
    "not spelled from the repository root": {"stages/host/c.cc": '#include "c.h"\n'},
}


def write_tree(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def self_test():
    for expected, change in [(None, {})] + list(UNLAWFUL.items()):
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory)
            write_tree(root, LAWFUL | change)
            found, _ = breaches(root)
            if expected is None:
                assert not found, f"the lawful tree is refused: {found}"
            else:
                assert any(expected in message for message in found), f'"{expected}" is not seen: {found}'
    print(f"layers: self test passed, {len(UNLAWFUL)} breaches seen")


def main():
    if "--self-test" in sys.argv:
        self_test()
        return 0
    found, count = breaches(pathlib.Path(__file__).resolve().parent.parent)
    for message in found:
        print(f"error: {message}")
    if not found:
        print(f"layers: {count} files keep the law")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

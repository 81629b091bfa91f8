"""Measures the promises named on the command line, all of them unless told."""

import argparse
import os
import pathlib
import platform
import sys
import tempfile

import measure
import table
from promises import PROMISES as LOCAL_PROMISES
from server_promises import SERVER_PROMISES
from workbench import PIPELINE, Workbench

PROMISES = LOCAL_PROMISES | SERVER_PROMISES
ROOM = 4 * 2**30


def default_directory():
    """Memory where there is enough of it: what is measured is the program, not the disk. TMPDIR else."""
    memory = "/dev/shm"
    if os.path.isdir(memory) and os.access(memory, os.W_OK) and file_system_of(memory) == "tmpfs":
        status = os.statvfs(memory)
        if status.f_bavail * status.f_frsize >= ROOM:
            return memory
    return tempfile.gettempdir()


def file_system_of(directory):
    mounts = [line.split() for line in pathlib.Path("/proc/mounts").read_text().splitlines()]
    path = os.path.realpath(directory)
    inside = [m for m in mounts if path == m[1] or path.startswith(m[1].rstrip("/") + "/")]
    return max(inside, key=lambda mount: len(mount[1]))[2]


def has_no_journal(directory):
    """ext4 without a journal does not reuse the inodes of deleted files for minutes; see README.md."""
    if file_system_of(directory) != "ext4":
        return False
    device = os.stat(directory).st_dev
    block = os.path.realpath(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}")
    name = os.path.basename(block)
    return not any(entry.name.rsplit("-", 1)[0] == name for entry in pathlib.Path("/proc/fs/jbd2").glob("*"))


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of " + ", ".join(PROMISES))
    parser.add_argument("--repetitions", type=int, default=5, help="of which the median counts (default 5)")
    parser.add_argument("--directory", default=default_directory(), help="where to work (default: /dev/shm, else TMPDIR)")
    parser.add_argument("--json", action="store_true", help="one object a line")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in PROMISES]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; there are {', '.join(PROMISES)}")
    if not PIPELINE.exists():
        parser.error(f"{PIPELINE} is missing: scripts/build makes it")

    show = table.show_json if arguments.json else table.show
    if not arguments.json:
        load = os.getloadavg()[0]
        where = f"{arguments.directory} ({file_system_of(arguments.directory)})"
        print(f"{os.cpu_count()} processors, Linux {platform.release()}, load {load:.1f}, in {where}, medians\n")
        if has_no_journal(arguments.directory):
            print("note: an ext4 without a journal makes new files slow for minutes after others were deleted;\n"
                  "      times here are the disk's. --directory names another place (tests/bench/README.md says why).\n")
    broken = 0
    for name in arguments.names or PROMISES:
        with Workbench(arguments.directory) as bench:
            try:
                show(name, PROMISES[name](bench, arguments.repetitions))
            except measure.Failed as failure:
                broken += 1
                print(f"{name}\n  error      {failure}\n", file=sys.stderr, flush=True)
    return 3 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

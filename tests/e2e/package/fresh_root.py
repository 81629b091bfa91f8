#!/usr/bin/env python3
"""Makes a root that holds what a Debian package depends on and no more: fresh_root.py DEB ROOT

The files are those of this machine's installed packages, the essential ones and those that the package's dependencies lead
to, with a dpkg database of their own: nothing is downloaded, and what the package forgot to depend on is not there.
Exits with 77 where this machine lacks one of them.
"""
import glob
import os
import re
import shutil
import subprocess
import sys

DPKG = "/var/lib/dpkg"
# Of no use to a machine that nobody logs in to, and half of the bytes.
LEFT_OUT = ("/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/", "/usr/share/info/")


def installed_packages():
    packages, provides = {}, {}
    with open(f"{DPKG}/status", encoding="utf-8") as status:
        stanzas = status.read().split("\n\n")
    for stanza in filter(None, (text.strip("\n") for text in stanzas)):
        fields = dict(re.findall(r"^([A-Za-z-]+): ?(.*(?:\n[ \t].*)*)", stanza, re.M))
        if fields.get("Status") != "install ok installed":
            continue
        fields["stanza"] = stanza
        packages[fields["Package"]] = fields
        for name in names_in(fields.get("Provides", "")):
            provides.setdefault(name[0], fields["Package"])
    return packages, provides


def names_in(relations):
    """Each dependency as the list of its alternatives."""
    return [[re.split(r"[\s(:\[]", one.strip())[0] for one in relation.split("|")]
            for relation in relations.replace("\n", " ").split(",") if relation.strip()]


def closure(relations, packages, provides):
    wanted, todo = set(), list(relations)
    while todo:
        alternatives = todo.pop()
        chosen = next((provides.get(name, name) if name not in packages else name for name in alternatives
                       if name in packages or name in provides), None)
        if chosen is None:
            print(f"{' or '.join(alternatives)} is not installed here: there is nothing to make a root of")
            sys.exit(77)
        if chosen in wanted:
            continue
        wanted.add(chosen)
        for field in ("Pre-Depends", "Depends"):
            todo += names_in(packages[chosen].get(field, ""))
    return wanted


def info_files(name):
    return [file for file in os.listdir(f"{DPKG}/info") if re.match(re.escape(name) + r"(:[a-z0-9]+)?\.", file)]


def copy_files(wanted, root):
    paths = set()
    for name in wanted:
        for file in info_files(name):
            if not file.endswith(".list"):
                continue
            with open(f"{DPKG}/info/{file}", encoding="utf-8") as listed:
                paths.update(path for path in listed.read().splitlines()
                             if path not in ("", "/.") and not path.startswith(LEFT_OUT) and os.path.lexists(path))
    # /bin and so on are links into /usr, which no package has.
    for link in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if os.path.islink("/" + link):
            target = os.readlink("/" + link)
            os.makedirs(f"{root}/{target}")
            os.symlink(target, f"{root}/{link}")
            paths.discard("/" + link)
    listing = "\0".join(sorted(path[1:] for path in paths))
    packed = subprocess.Popen(["tar", "-C", "/", "--no-recursion", "--null", "-T", "-", "-c"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    unpacked = subprocess.Popen(["tar", "-C", root, "--keep-directory-symlink", "-xp"], stdin=packed.stdout)
    packed.stdin.write(listing.encode())
    packed.stdin.close()
    if packed.wait() != 0 or unpacked.wait() != 0:
        sys.exit("the files could not be copied")


def write_database(wanted, packages, root):
    os.makedirs(f"{root}{DPKG}/info", exist_ok=True)
    for directory in ("updates", "triggers", "alternatives", "parts"):
        os.makedirs(f"{root}{DPKG}/{directory}", exist_ok=True)
    with open(f"{root}{DPKG}/status", "w", encoding="utf-8") as status:
        for name in sorted(wanted):
            status.write(packages[name]["stanza"] + "\n\n")
    for name in wanted:
        for file in info_files(name):
            shutil.copy2(f"{DPKG}/info/{file}", f"{root}{DPKG}/info/{file}")
    shutil.copy2(f"{DPKG}/info/format", f"{root}{DPKG}/info/format")


def link_alternatives(root):
    """`awk` and the like, which are made at installation."""
    for name in os.listdir(f"{DPKG}/alternatives"):
        with open(f"{DPKG}/alternatives/{name}", encoding="utf-8") as described:
            link = described.read().splitlines()[1]
        target = os.readlink(f"/etc/alternatives/{name}") if os.path.islink(f"/etc/alternatives/{name}") else ""
        if not os.path.exists(root + target) or not target or os.path.lexists(root + link):
            continue
        os.makedirs(f"{root}/etc/alternatives", exist_ok=True)
        os.makedirs(os.path.dirname(root + link), exist_ok=True)
        os.symlink(f"/etc/alternatives/{name}", root + link)
        if not os.path.lexists(f"{root}/etc/alternatives/{name}"):
            os.symlink(target, f"{root}/etc/alternatives/{name}")


def settle(root):
    for name in ("passwd", "group"):
        shutil.copy(f"{root}/usr/share/base-passwd/{name}.master", f"{root}/etc/{name}")
    # Made at installation: who may log in, and where names are looked up.
    for file in (*glob.glob("/etc/pam.d/common-*"), "/etc/nsswitch.conf"):
        if os.path.exists(file) and not os.path.exists(root + file):
            shutil.copy2(file, root + file)
    for directory in ("tmp", "proc", "sys", "dev", "run", "root", "var/tmp", "var/log", "var/lib"):
        os.makedirs(f"{root}/{directory}", exist_ok=True)
    for directory in ("tmp", "var/tmp"):
        os.chmod(f"{root}/{directory}", 0o1777)
    subprocess.run(["ldconfig", "-r", root], check=True)
    subprocess.run(["chroot", root, "pwconv"], check=True)


def main():
    deb, root = sys.argv[1:]
    packages, provides = installed_packages()
    depends = subprocess.run(["dpkg-deb", "-f", deb, "Depends"], check=True, capture_output=True, text=True).stdout
    essential = [[name] for name, fields in packages.items() if fields.get("Essential") == "yes"]
    wanted = closure(essential + names_in(depends), packages, provides)
    os.makedirs(root)
    copy_files(wanted, root)
    write_database(wanted, packages, root)
    link_alternatives(root)
    settle(root)
    print(f"a root of {len(wanted)} packages")


main()

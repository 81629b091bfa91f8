"""A directory for one benchmark: repositories, pipeline files, and a state directory of its own; removed at the end."""

import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import measure

PIPELINE = pathlib.Path(__file__).resolve().parents[2] / "build" / "release" / "pipeline"

# The same isolation as a sandboxed job, as far as bubblewrap goes.
BUBBLEWRAP = ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr"]
BUBBLEWRAP += [word for name in ("bin", "lib", "lib64", "sbin") for word in ("--symlink", f"usr/{name}", f"/{name}")]
BUBBLEWRAP += ["--ro-bind", "/etc", "/etc", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/"]


def stage(name, command, **keys):
    """One `[[stage]]` table; keys are given as TOML text."""
    lines = ["[[stage]]", f'name = "{name}"', f"run = '''{command}'''"]
    return "\n".join(lines + [f"{key} = {value}" for key, value in keys.items()]) + "\n\n"


class Workbench:
    def __init__(self, directory):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="pipeline-bench-", dir=directory))
        self.root.chmod(0o755)  # jobs of a run by root have another uid and must come in
        self.home = self.root / "state"
        self.env = {**os.environ, "PIPELINE_HOME": str(self.home), "NO_COLOR": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root, ignore_errors=True)

    @contextlib.contextmanager
    def serve(self, repository):
        """The URL of a repository, served by git's own daemon on loopback while the context lasts."""
        (self.root / repository / ".git" / "git-daemon-export-ok").touch()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = ["git", "daemon", "--listen=127.0.0.1", f"--port={port}", f"--base-path={self.root}", "--reuseaddr"]
        # A server of a user of one's own system has nothing to be suspicious of.
        env = {**self.env, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
        daemon = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            self.await_port(daemon, port)
            yield f"git://127.0.0.1:{port}/{repository}/.git"
        finally:
            os.killpg(daemon.pid, signal.SIGTERM)
            daemon.wait()

    def start(self, command, error):
        """A program that goes on beside the benchmark; what it says on its standard error goes to a file."""
        with open(error, "wb") as file:
            return subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=file)

    @staticmethod
    def await_port(daemon, port):
        while daemon.poll() is None:
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
                return
            time.sleep(0.01)
        raise measure.Failed("git daemon ended at once")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def git(self, repository, *arguments):
        identity = ["-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0"]
        command = ["git", "-C", str(self.root / repository), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=self.env).stdout.strip()

    def repository(self, name, pipeline_text, files=()):
        """A git repository with one commit: the pipeline file and `files`, pairs of path and content."""
        self.write(f"{name}/pipeline.toml", pipeline_text)
        for path, content in files:
            self.write(f"{name}/{path}", content)
        self.git(name, "init", "-q", "-b", "main")
        self.git(name, "add", "-A")
        self.git(name, "commit", "-q", "-m", "Import")
        return self.root / name


def many_files(count):
    """A tree of the shape of real ones: about forty files a directory, a few hundred bytes each."""
    for index in range(count):
        yield f"src/{index // 1600:02}/{index // 40:04}/file{index}.c", f"/* file {index} */\n" + "int x;\n" * (index % 60)

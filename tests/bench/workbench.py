"""A directory for one benchmark: repositories, pipeline files, and a state directory of its own; removed at the end."""

import os
import pathlib
import shutil
import subprocess
import tempfile

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

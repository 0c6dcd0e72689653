"""A copy of the doors and of platform/ in a folder that everybody may read, and a LUMOS_HOME of its own; no network, no real root."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

REPO = pathlib.Path(__file__).resolve().parents[2]
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def may_mount():
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], stderr=subprocess.DEVNULL).returncode == 0


class Checkout(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lumos platform ", dir="/var/tmp"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o755)
        self.repo = self.folder / "a checkout"
        self.home = self.folder / 'a "home"'
        self.repo.mkdir()
        shutil.copytree(REPO / "platform", self.repo / "platform")
        for door in ("lumos", "dev"):
            shutil.copy(REPO / door, self.repo / door)
        # Inside the root the doors would go no further: here they are tested as on the host.
        self.environment = {k: v for k, v in os.environ.items() if k != "LUMOS_NATIVE"} | {"LUMOS_HOME": str(self.home)}

    def start(self, *command, **more):
        """Default signal dispositions, as from a terminal: a background job would ignore Ctrl-C."""
        return subprocess.Popen(command, cwd=self.repo, env=self.environment, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), **more)

    def run_command(self, *command):
        process = self.start(*command)
        process.out, process.err = process.communicate(timeout=120)
        return process

"""Lumos killed at every named step (fault_point in the sources), one after the other: nothing lost, nothing left behind, resumed."""

import pathlib
import re
import unittest

from lumos_cli import HOME, REPO, LumosTest

# One cold and one warm cell of two runtimes: every step of both kinds of driver is walked.
EXPERIMENT = """
name: faults
functions: [noop]
runtimes: [sandbox, crun]
stop: {min: 2, max: 2, invocations: 3, timeout: 5s}
"""

# For the steps of load visits.
LOAD = """
name: faults
functions: [noop]
runtimes: [sandbox]
load: {closed: {concurrency: [2], duration: 200ms, warmup: 50ms}}
stop: {min: 2, max: 2, timeout: 5s}
"""


def fault_points():
    """{name: source file} of every fault_point("…")."""
    found = {}
    for path in sorted((REPO / "src").rglob("*.cc")):
        for name in re.findall(r'fault_point\("([^"]+)"\)', path.read_text()):
            found[name] = path.name
    return found


def cgroups_of(tag):
    return [str(p) for p in pathlib.Path("/sys/fs/cgroup").glob(f"*/lumos/{tag}*")] + \
           [str(p) for p in pathlib.Path("/sys/fs/cgroup/lumos").glob(f"{tag}*")]


def processes_of(tag):
    """Instances of a run carry its tag in their environment."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if f"LUMOS_INSTANCE={tag}-".encode() in (entry / "environ").read_bytes():
                found.append(entry.name)
        except OSError:
            pass
    return found


class FaultTest(LumosTest):
    def test_every_named_step(self):
        points = fault_points()
        self.assertGreater(len(points), 20)
        for name, source in points.items():
            with self.subTest(fault=name, source=source):
                self.walk(name)

    def go_on(self, *arguments):
        """To the end; a check that fails for the noise of a busy machine is no fault of what is tested here."""
        ended = self.lumos("run", *arguments, expect=None)
        self.assertIn(ended.code, (0, 1), str(ended))

    @staticmethod
    def marks():
        return set(pathlib.Path(HOME, "living").glob("r*"))

    def walk(self, name):
        run, before = self.folder / name, self.marks()
        experiment = LOAD if name.startswith("load.") else EXPERIMENT
        self.environment["LUMOS_FAULT"] = f"{name}:2" if name.startswith(("sample", "visit", "re", "launch", "oci", "sandbox")) else name
        killed = self.lumos("run", self.experiment(experiment), "--out", run, expect=None)
        self.assertNotEqual(0, killed.code, f"{name} was never reached\n{killed}")
        del self.environment["LUMOS_FAULT"]
        tags = self.marks() - before
        kept = self.rows(run, "SELECT * FROM samples ORDER BY id") if (run / "run.sqlite").exists() else []
        kept = [tuple(row) for row in kept]
        if (run / "manifest.json").exists():
            self.go_on("--resume", run)
        else:  # killed before there was anything to go on with: the folder is free for a new try
            self.go_on(self.experiment(experiment), "--out", self.folder / (name + "-again"))
            run = self.folder / (name + "-again")
            kept = []
        after = [tuple(row) for row in self.rows(run, "SELECT * FROM samples ORDER BY id")]
        self.assertEqual(kept, after[: len(kept)], "a committed sample was lost or changed")
        self.assertTrue(all(cell["metrics"]["latency_ms"]["replicates"] >= 2 for cell in self.results(run, expect=None)["cells"]))
        for mark in tags:
            self.assertEqual([], processes_of(mark.name))
            if not mark.exists():
                self.assertEqual([], cgroups_of(mark.name))


if __name__ == "__main__":
    unittest.main(verbosity=2)

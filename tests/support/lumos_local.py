"""The local backend for real: built artefacts, homes of a test's own, and everything that a run may leave on the machine."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

from lumos_cli import BUILD_PATIENCE_S, HOME, LumosTest, wait_until
from results_contract import statuses

# Checks of how quiet the machine was: no test can ask that of it.
NOISE = {"phase_residual", "steal"}


def read(path):
    """Bytes of a file of /proc; none when its process is gone."""
    try:
        return pathlib.Path(path).read_bytes()
    except OSError:
        return b""


def processes():
    """pid → command line and environment of every process that can be seen."""
    return {int(p.name): read(p / "cmdline") + b"\0" + read(p / "environ") for p in pathlib.Path("/proc").glob("[0-9]*")}


def children_of(pid):
    """In the order in which they were started: launcher, gateway, generator."""
    pids = [int(word) for word in read(f"/proc/{pid}/task/{pid}/children").split()]
    return sorted(pids, key=lambda child: int(read(f"/proc/{child}/stat").rsplit(b")", 1)[1].split()[19]))


def network_devices():
    return sorted(line.split(":")[0].strip() for line in pathlib.Path("/proc/self/net/dev").read_text().splitlines()[2:])


def network_namespaces():
    folder = pathlib.Path("/run/netns")
    return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []


def mounts():
    return sorted(line.split(" ", 2)[2] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines())


def cgroups(tag):
    """Control groups of a run, in every hierarchy, v1 and v2."""
    root = pathlib.Path("/sys/fs/cgroup")
    return sorted(str(p) for pattern in (f"lumos/{tag}", f"*/lumos/{tag}") for p in root.glob(pattern))


def processes_in(tag):
    """The pids in a run's control groups: whoever cleared or overwrote its environment is among them too."""
    return {int(pid) for group in cgroups(tag) for procs in pathlib.Path(group).rglob("cgroup.procs") for pid in read(procs).split()}


class LocalTest(LumosTest):
    """Builds what is needed once (it fails where it cannot, it never skips); every test has a LUMOS_HOME of its own with these artefacts."""

    FUNCTIONS = ["noop", "fibonacci"]
    SHARED = ()  # folders of LUMOS_HOME that are made once for all tests, beside the artefacts: inputs, tools, build, cargo

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if os.geteuid() != 0:
            raise AssertionError("these tests need root: they make namespaces, control groups and network devices")

    def setUp(self):
        super().setUp()
        needed = self.experiment(f"functions: [{', '.join(self.FUNCTIONS)}]\n", "needed.yaml")
        built = self.lumos("build", "--experiment", needed, "--json", patience_s=BUILD_PATIENCE_S)
        self.artefacts = json.loads(built.out)["artefacts"]
        self.home = self.folder / "home"
        self.home.mkdir()
        for shared in ("artefacts", *self.SHARED):
            (HOME / shared).mkdir(exist_ok=True)
            (self.home / shared).symlink_to(HOME / shared)
        self.environment["LUMOS_HOME"] = str(self.home)
        self.addCleanup(self._remove_groups)

    def _remove_groups(self):
        for mark in self.marks():
            for group in cgroups(mark):
                subprocess.run(["find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";"], check=False, stderr=subprocess.DEVNULL)

    def marks(self):
        """Tags of the runs that have not removed everything."""
        folder = self.home / "living"
        return sorted(p.name for p in folder.glob("r*")) if folder.is_dir() else []

    def copy_artefacts(self):
        """Artefacts that this test may damage; returns where the unpacked root of (function, kind) is."""
        (self.home / "artefacts").unlink()
        roots = {}
        for artefact in self.artefacts:
            folder = pathlib.Path(artefact["file"]).parent
            own = self.home / "artefacts" / folder.parent.name / folder.name
            shutil.copytree(folder, own, symlinks=True)
            roots[artefact["function"], artefact["kind"]] = own / pathlib.Path(artefact["root"]).relative_to(folder)
        return roots

    # --- runs

    def measure(self, *arguments):
        """A run that goes well: exit code 0; or 1 where nothing but noise of the machine is held against it."""
        ended = self.lumos("run", *arguments, expect=None)
        if ended.code == 1:
            run = ended.out.split("The run is in ")[1].splitlines()[0]
            failed = {name for cell in self.results(run, expect=1)["cells"] for name, status in statuses(cell).items() if status == "fail"}
            self.assertLessEqual(failed, NOISE, str(ended))
        else:
            self.assertEqual(0, ended.code, str(ended))
        self.assert_finding_and_next(ended)
        return ended

    # --- what is left behind

    def look_around(self):
        return {"mounts": mounts(), "devices": network_devices(), "namespaces": network_namespaces()}

    def processes_of_runs(self):
        """Processes of this test's runs: Lumos's own inherit its environment, instances carry the run's tag."""
        tags = [f"{tag}-".encode() for tag in self.marks()]
        words = [str(self.folder).encode(), *tags]
        return {pid: text[:200] for pid, text in processes().items() if pid != os.getpid() and any(word in text for word in words)}

    def assert_nothing_left(self, before, tag):
        """But control groups: they go at the next start. A killed process takes its namespaces with it a moment later."""
        wait_until(lambda: not self.processes_of_runs(), f"processes of {tag} are gone: {self.processes_of_runs()}", 10)
        wait_until(lambda: self.look_around() == before, f"mounts and network are as before: {self.look_around()}", 10)

    def assert_clean(self, before, tag):
        self.assert_nothing_left(before, tag)
        self.assertEqual([], cgroups(tag))
        self.assertEqual([], self.marks())

    def tag_of(self, run):
        return self.manifest(run)["backend"]["tag"]

    # --- runs that are disturbed

    def begin(self, experiment, run, samples):
        """Starts a run and waits until so many samples are committed."""
        process = self.start("run", self.experiment(experiment), "--out", run)
        wait_until(lambda: process.poll() is not None or ((run / "manifest.json").exists() and self.count(run) >= samples), f"{samples} samples")
        self.assertIsNone(process.poll(), "it ended before it could be disturbed")
        return process

    def kill(self, pid, delay_s=0.0):
        time.sleep(delay_s)
        os.kill(pid, signal.SIGKILL)

    def computing_instance(self, tag):
        """Its pid, when it has computed for 50 ms: then it has listened, and is in the midst of a request."""

        def found():
            for pid in processes_in(tag):
                fields = read(f"/proc/{pid}/stat").rsplit(b")", 1)[-1].split()
                if len(fields) > 11 and int(fields[11]) * 1000 >= 50 * os.sysconf("SC_CLK_TCK"):
                    return pid
            return None
        return wait_until(found, "an instance that computes")

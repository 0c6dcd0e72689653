"""Where cold starts find their files: both states are imposed, looked at, and found out where they could not be."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from lumos_cli import HOME
from lumos_local import LocalTest
from results_contract import cell_of, statuses

EXPERIMENT = """
name: cache
functions: [noop]
runtimes: [{runtimes}]
start: [cold]
{caches}
telemetry: {{probes: 0}}
stop: {{min: 2, max: 2}}
"""

# Maps a file, touches every page, says so, and stays: no ancestor of the run, whose files are known to stay.
HOLD = """
import mmap, sys
with open(sys.argv[1], "rb") as file:
    mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    sum(mapped[at] for at in range(0, len(mapped), mmap.PAGESIZE))
    print("held", flush=True)
    sys.stdin.read()
"""


class Cache(LocalTest):
    def files_of_its_own(self):
        """A command that runs another one where the runtimes' files are copies: whatever else runs on this machine may have
        the real ones mapped, such as a compiler that needs the same libLLVM."""
        run = self.folder / "first"
        self.lumos("run", self.experiment(EXPERIMENT.format(runtimes="runc, crun, wasm-aot", caches="")), "--out", run, expect=None)
        listed = {file for files in self.manifest(run)["backend"]["runtime_files"].values() for file in files["own"]}
        copies = pathlib.Path(tempfile.mkdtemp(prefix="cache-test-", dir=HOME))
        self.addCleanup(shutil.rmtree, copies, ignore_errors=True)
        lines = []
        for i, file in enumerate(sorted(listed)):
            shutil.copy(file, copies / str(i))
            lines.append(f"mount --bind {copies}/{i} {file}\n")
        script = self.folder / "apart.sh"
        script.write_text("set -e\n" + "".join(lines) + 'exec "$@"\n')
        return ["unshare", "--mount", "sh", str(script)]

    def hold(self, file):
        process = subprocess.Popen([sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(process.stdin.close)
        self.addCleanup(self._end, process)
        self.assertEqual(b"held\n", process.stdout.readline())

    def test_every_page_is_where_the_factors_say(self):
        run = self.folder / "run"
        caches = "cache: [memory, disk]\nruntime_cache: [memory, disk]"
        apart = self.files_of_its_own()
        experiment = self.experiment(EXPERIMENT.format(runtimes="sandbox, runc, crun, wasm-aot", caches=caches))
        self.lumos("run", experiment, "--out", run, expect=None, prefix=apart)
        document = self.results(run, expect=None)
        self.assertEqual(2 + 3 * 4, len(document["cells"]), "the sandbox is Lumos itself: its runtime is in memory")
        for cell in document["cells"]:
            self.assertEqual("pass", statuses(cell)["cache_verified"], cell)
        seen = set()
        for row in self.rows(run, "SELECT v.*, d.runtime, json_extract(c.factors, '$.cache') image, json_extract(c.factors, '$.runtime_cache') own"
                                  " FROM visits v JOIN cells c ON c.id = v.cell JOIN deployments d ON d.id = c.deployment"):
            seen.add((row["runtime"], row["image"], row["own"]))
            self.assertGreater(row["image_pages"], 0)
            self.assertEqual(row["image_pages"] if row["image"] == "memory" else 0, row["image_pages_cached"], dict(row))
            self.assertEqual(row["runtime_pages"] if row["own"] == "memory" else 0, row["runtime_pages_cached"], dict(row))
            if row["runtime"] == "wasm-aot":
                self.assertGreater(row["runtime_pages"] * 4096, 130e6, "libLLVM is among them")
        self.assertEqual(14, len(seen))
        files = self.manifest(run)["backend"]["runtime_files"]
        names = {runtime: {pathlib.Path(file).name for file in listed["own"]} for runtime, listed in files.items()}
        self.assertEqual(set(), names["sandbox"])
        self.assertIn("runc", names["runc"])
        self.assertIn("crun", names["crun"])
        self.assertTrue({"crun", "libLLVM.so.19.1"} <= names["wasm-aot"], names["wasm-aot"])
        self.assertIn("libc.so.6", {pathlib.Path(file).name for file in files["crun"]["shared"]}, "which Lumos has mapped too")

    def test_a_warm_start_has_no_state(self):
        run = self.folder / "run"
        text = EXPERIMENT.format(runtimes="crun", caches="").replace("[cold]", "[warm]")
        self.measure(self.experiment(text), "--out", run)
        cell = cell_of(self.results(run, expect=None))
        self.assertEqual((None, None), (cell["factors"]["cache"], cell["factors"]["runtime_cache"]))
        self.assertNotIn("cache_verified", statuses(cell))
        self.assertEqual([(None, None)] * 2, [tuple(row) for row in self.rows(run, "SELECT image_pages, runtime_pages FROM visits")])

    def assert_caught(self, text, name):
        run = self.folder / "run"
        ended = self.lumos("run", self.experiment(text), "--out", run, expect=1)
        self.assertIn("CHECKS FAILED: cache_verified", ended.out)
        check = next(c for c in cell_of(self.results(run, expect=1))["checks"] if c["name"] == "cache_verified")
        self.assertEqual("fail", check["status"])
        self.assertIn(name, check["detail"])

    def test_a_library_that_another_process_has_mapped_is_caught(self):
        library = next(pathlib.Path("/usr/lib").glob("*/libLLVM.so.19.1"))
        self.hold(library)
        self.assert_caught(EXPERIMENT.format(runtimes="wasm-aot", caches="runtime_cache: disk"), "libLLVM.so.19.1")

    def test_a_function_that_another_process_has_mapped_is_caught(self):
        roots = self.copy_artefacts()
        self.hold(roots["noop", "native"] / "function")
        self.assert_caught(EXPERIMENT.format(runtimes="sandbox", caches="cache: disk"), "most of them of function;")


if __name__ == "__main__":
    unittest.main()

"""The root builder with a false mmdebstrap: whatever stops a build, nothing half done is left or used."""

import pathlib
import signal
import time
import unittest

from checkout import Checkout, may_mount

BUILD = 'door=test repo=$PWD; . platform/platform.sh; . platform/root.sh; build_root "$(root_path)"'

# Makes a tiny root at its last argument; counts its calls; while $PACE exists it is slow, and its heart beats; with $FAIL it fails.
FALSE_MMDEBSTRAP = """#!/bin/bash
to=${!#}; here=${0%/*}
echo call >>"$here/calls"
mkdir -p "$to/var/lib/dpkg/info"
printf 'Package: a\\nVersion: 1\\n\\nPackage: b\\nVersion: 2\\n' >"$to/var/lib/dpkg/status"
while [ -e "$here/slow" ]; do date +%s.%N >"$here/heart"; echo x >>"$to/file"; sleep 0.05; done
if [ -e "$here/fail" ]; then echo "E: no such suite"; exit 25; fi
"""


@unittest.skipUnless(may_mount(), "needs root")
class Root(Checkout):
    def setUp(self):
        super().setUp()
        self.tools = self.folder / "bin"
        self.tools.mkdir()
        (self.tools / "mmdebstrap").write_text(FALSE_MMDEBSTRAP)
        (self.tools / "mmdebstrap").chmod(0o755)
        self.environment["PATH"] = f"{self.tools}:{self.environment['PATH']}"
        (self.repo / "platform/packages.lock").write_text("a=1\nb=1\n")

    def build(self):
        return self.start("bash", "-euo", "pipefail", "-c", BUILD)

    def finish(self, process, code=0):
        out, err = process.communicate(timeout=60)
        self.assertEqual(code, process.returncode, err)
        return err

    def slow_build(self):
        (self.tools / "slow").touch()
        (self.tools / "heart").unlink(missing_ok=True)
        process = self.build()
        self.wait_for(lambda: (self.tools / "heart").exists())
        return process

    def wait_for(self, condition):
        end = time.monotonic() + 20
        while not condition():
            self.assertLess(time.monotonic(), end, "timed out")
            time.sleep(0.02)

    def calls(self):
        return (self.tools / "calls").read_text().count("call")

    def left(self, pattern):
        return sorted(p.name for p in self.home.glob(pattern))

    def test_a_build_records_the_versions_and_tells_drift(self):
        err = self.finish(self.build())
        (root,) = self.left("root-*[0-9a-f]")
        self.assertEqual("a=1\nb=2\n", pathlib.Path(self.home, root, "packages.actual").read_text())
        self.assertIn("1 packages differ from platform/packages.lock", err)
        self.assertEqual([], self.left("building-*"))
        self.finish(self.build())
        self.assertEqual(1, self.calls())

    def test_a_failed_build_leaves_nothing_and_says_what_to_do(self):
        (self.tools / "fail").touch()
        err = self.finish(self.build(), 3)
        self.assertIn("E: no such suite", err)
        self.assertIn("next: ", err)
        self.assertEqual([], self.left("building-*") + self.left("root-*[0-9a-f]"))

    def test_ctrl_c_cleans_up(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.slow_build()
            # Again while nothing happens, as a person would: on a busy machine the first may come before the shell listens.
            for _ in range(60):
                process.send_signal(number)
                time.sleep(0.5)
                if process.poll() is not None:
                    break
            self.assertIn("interrupted", self.finish(process, 130))
            self.assertEqual([], self.left("building-*") + self.left("root-*[0-9a-f]"))

    def test_a_killed_build_dies_whole_and_the_next_one_removes_its_leftovers(self):
        process = self.slow_build()
        process.kill()
        process.communicate()
        time.sleep(0.5)
        beat = (self.tools / "heart").read_text()
        time.sleep(0.3)
        self.assertEqual(beat, (self.tools / "heart").read_text(), "mmdebstrap outlived its door")
        self.assertEqual(1, len(self.left("building-root-*")))
        (self.tools / "slow").unlink()
        self.finish(self.build())
        self.assertEqual([], self.left("building-*"))
        self.assertEqual(1, len(self.left("root-*[0-9a-f]")))

    def test_parallel_sessions_build_once(self):
        first = self.slow_build()
        others = [self.build(), self.build()]
        time.sleep(1)
        self.assertEqual(1, len(self.left("building-root-*")), "a build that still runs keeps its folder")
        (self.tools / "slow").unlink()
        self.finish(first)
        for other in others:
            self.assertIn("waiting", self.finish(other))
        self.assertEqual(1, self.calls())

    def test_the_disk_is_asked_first(self):
        self.environment["LUMOS_NEED_MB"] = "99999999"
        self.assertIn("set-up needs 99999999", self.finish(self.build(), 3))
        self.assertFalse((self.tools / "calls").exists())

    def test_clean_all_spares_a_folder_that_was_not_ours(self):
        self.home.mkdir()
        (self.home / "theirs").touch()
        self.finish(self.build())
        self.assertEqual(3, self.run_command("./dev", "clean", "all").returncode)
        self.assertTrue((self.home / "theirs").exists())
        self.environment["LUMOS_HOME"] = str(self.folder / "other")
        self.finish(self.build())
        self.assertEqual(0, self.run_command("./dev", "clean", "all").returncode)
        self.assertFalse((self.folder / "other").exists())

    def test_lock_accepts_what_was_installed(self):
        self.finish(self.build())
        self.assertEqual(0, self.run_command("./dev", "lock").returncode)
        self.assertEqual("a=1\nb=2\n", (self.repo / "platform/packages.lock").read_text())
        self.finish(self.build())
        self.assertEqual(1, self.calls(), "the root follows its lock")


if __name__ == "__main__":
    unittest.main()

"""Functions that mean harm: what they do stays in their instance, and is recorded."""

import os
import pathlib
import shutil
import stat
import subprocess
import unittest

from lumos_cli import BUILD_PATIENCE_S, HOME, LumosTest

SOURCE = pathlib.Path(__file__).resolve().parent / "hostile.c"


class HostileTest(LumosTest):
    def setUp(self):
        super().setUp()
        self.lumos("build", "--experiment", self.experiment("functions: [noop, fibonacci]\n", "needed.yaml"), patience_s=BUILD_PATIENCE_S)
        self.home = self.folder / "home"
        shutil.copytree(HOME / "artefacts", self.home / "artefacts", symlinks=True, ignore=shutil.ignore_patterns("bases", "*-debian-slim-*"))

    def run_hostile(self, what, plant=lambda root: None):
        """Puts a misbehaving binary in the place of noop's and runs it, once per runtime."""
        binary = self.folder / "hostile"
        subprocess.run(["gcc", "-static", "-O1", "-w", f"-DHOSTILE={what}", "-o", binary, SOURCE], check=True)
        for function in self.home.glob("artefacts/**/noop-native*/**/rootfs/function"):
            shutil.copy(binary, function)
            plant(function.parent)
        self.environment["LUMOS_HOME"] = str(self.home)
        run = self.folder / what
        self.lumos("run", self.experiment("""
name: hostile
functions: [noop]
runtimes: [sandbox, crun, runc]
start: [cold]
stop: {min: 2, max: 2, timeout: 2s}
"""), "--out", run, expect=1)
        return run

    def assert_confined(self, run):
        """Its answers lack the right digest, which is the only thing wrong with them."""
        rows = [tuple(row) for row in self.rows(run, "SELECT d.runtime, s.outcome, s.http_status, s.digest FROM samples s JOIN visits v ON v.id = s.visit"
                                                    " JOIN cells c ON c.id = v.cell JOIN deployments d ON d.id = c.deployment ORDER BY 1")]
        self.assertEqual([(runtime, "wrong_output", 200, "confined") for runtime in ("crun", "runc", "sandbox") for _ in range(2)], rows)

    def outcomes(self, run):
        return {row["outcome"] for row in self.rows(run, "SELECT outcome FROM samples")}

    def assert_memory_was_bounded(self, run, limit):
        for row in self.rows(run, "SELECT memory_peak_bytes FROM instances"):
            self.assertLessEqual(row["memory_peak_bytes"] or 0, limit)

    def test_a_fork_bomb_ends_with_its_instance(self):
        run = self.run_hostile("fork_bomb")
        self.assertLessEqual(self.outcomes(run), {"not_ready", "launch_failed"})
        self.assertEqual("", subprocess.run(["pgrep", "-x", "hostile"], capture_output=True, text=True).stdout)

    def test_a_memory_bomb_is_ended_at_its_limit(self):
        run = self.run_hostile("memory_bomb")
        self.assertLessEqual(self.outcomes(run), {"not_ready", "launch_failed"})
        self.assert_memory_was_bounded(run, (1 << 30) + (64 << 20))

    def test_endless_output_is_cut(self):
        run = self.run_hostile("endless_output")
        self.assertLessEqual(self.outcomes(run), {"not_ready", "launch_failed"})
        for row in self.rows(run, "SELECT note FROM instances"):
            self.assertLess(len(row["note"]), 600)

    def test_nothing_outside_can_be_touched(self):
        self.assert_confined(self.run_hostile("escape"))

    def test_what_an_image_brings_along_opens_nothing(self):
        secret = self.folder / "secret"
        secret.write_text("of the host\n")

        def plant(root):
            os.mknod(root / "planted-device", 0o666 | stat.S_IFBLK, os.makedev(7, 0))  # a disk
            os.chmod(root / "planted-device", 0o666)
            (root / "planted-link").symlink_to(secret)
            (root / "planted-way-up").symlink_to("../" * 40 + str(secret).lstrip("/"))
            shutil.copy(root / "function", root / "planted-setuid")
            os.chown(root / "planted-setuid", 1234, 1234)
            os.chmod(root / "planted-setuid", 0o6755)

        self.assert_confined(self.run_hostile("planted", plant))
        self.assertEqual("of the host\n", secret.read_text())

    def test_an_image_whose_folders_are_links_to_the_host(self):
        outside = self.folder / "outside"
        outside.mkdir()

        def plant(root):
            for name in ("proc", "dev"):
                (root / name).symlink_to(outside)

        run = self.run_hostile("escape", plant)
        self.assertEqual([], list(outside.iterdir()))
        for row in self.rows(run, "SELECT outcome, http_status, digest FROM samples"):
            self.assertIn(tuple(row), {("wrong_output", 200, "confined"), ("launch_failed", 503, "")})


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""Instances made and removed again and again: no count grows. The benchmark of ten thousand, in short."""

import os
import subprocess
import unittest

from lumos_local import LocalTest

CYCLES = os.environ["LUMOS_CYCLES"]


class Cycles(LocalTest):
    def cycles(self, *arguments):
        return subprocess.run([CYCLES, *arguments], env=self.environment, capture_output=True, text=True, check=False)

    def test_nothing_grows(self):
        before = self.look_around()
        ended = self.cycles("--cycles=200")
        self.assertEqual(0, ended.returncode, ended.stdout + ended.stderr)
        for runtime, count in (("sandbox", 200), ("crun", 200), ("runc", 20)):
            self.assertIn(f"{runtime}: {count} cycles", ended.stdout)
        self.assertEqual(3, ended.stdout.count("  0 counts grew\n"), ended.stdout)
        self.assertEqual(before, self.look_around())
        self.assertEqual([], self.marks())

    def test_what_grows_is_seen(self):
        for what, name in (("descriptors", "conductor descriptors"), ("groups", "control groups"), ("mounts", "conductor mounts")):
            ended = self.cycles("--cycles=11", f"--leak={what}")
            self.assertEqual(1, ended.returncode, ended.stdout + ended.stderr)
            self.assertIn(f"  {name}", ended.stdout)


if __name__ == "__main__":
    unittest.main()

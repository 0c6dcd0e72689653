"""./lumos doctor: answers before any set-up, quickly, with or without root, and its JSON is JSON whatever the paths are called."""

import json
import time
import unittest

from checkout import NOBODY, Checkout, may_mount

EXPECTED = {"privilege", "kernel", "architecture", "cores", "memory", "namespaces", "overlayfs", "veth", "seccomp", "cgroups", "devices",
            "neighbours", "clock", "frequency", "virtualisation", "psi", "perf", "root", "disk", "tool", "functions"}


class Doctor(Checkout):
    def answer(self, *prefix):
        process = self.run_command(*prefix, "./lumos", "doctor", "--json")
        self.assertIn(process.returncode, (0, 3), process.err)
        answer = json.loads(process.out)
        names = [c["name"] for c in answer["checks"]]
        self.assertEqual(EXPECTED, set(names))
        self.assertEqual(len(names), len(set(names)))
        for check in answer["checks"]:
            self.assertIn(check["status"], ("ok", "missing", "note"))
            self.assertTrue(check["detail"])
            self.assertEqual(check["status"] == "missing", check["status"] == "missing" and bool(check["next"]), check)
        self.assertEqual(process.returncode == 3, any(c["status"] == "missing" for c in answer["checks"]))
        return answer

    def test_answers_before_set_up_in_under_two_seconds_and_leaves_nothing(self):
        start = time.monotonic()
        answer = self.answer()
        self.assertLess(time.monotonic() - start, 2)
        self.assertEqual(1, answer["schema"])
        self.assertFalse(answer["set_up"]["root"])
        for cost in ("download_mb", "disk_gb", "minutes"):
            self.assertGreater(answer["set_up"][cost], 0)
        self.assertEqual(str(self.home), answer["set_up"]["home"])
        self.assertEqual({"sandbox", "runc", "crun", "wasm-interp", "wasm-aot"}, set(answer["can_measure"]))
        self.assertEqual(["a checkout"], [p.name for p in self.folder.iterdir()])

    def test_any_path_is_escaped(self):
        for name in ("back\\slash", "tab\there", "new\nline", "ünïcode", "quote\"'", "control\x01\x7f"):
            self.environment["LUMOS_HOME"] = str(self.folder / name)
            self.assertEqual(str(self.folder / name), self.answer()["set_up"]["home"])

    @unittest.skipUnless(may_mount(), "needs root")
    def test_without_root_says_so(self):
        answer = self.answer(*NOBODY)
        self.assertEqual(["privilege"], [c["name"] for c in answer["checks"] if c["status"] == "missing"])
        self.assertFalse(any(answer["can_measure"].values()))

    @unittest.skipUnless(may_mount(), "needs root")
    def test_a_full_disk_is_missing(self):
        self.environment["LUMOS_NEED_MB"] = "99999999"
        answer = self.answer()
        self.assertIn("disk", [c["name"] for c in answer["checks"] if c["status"] == "missing"])

    def test_text_ends_with_the_finding_and_the_next_step(self):
        finding, following = self.run_command("./lumos", "doctor").out.splitlines()[-2:]
        self.assertTrue(finding.startswith("This machine can"), finding)
        self.assertTrue(following.startswith("next: "), following)

    def test_wrong_usage_and_help(self):
        self.assertEqual(2, self.run_command("./lumos", "doctor", "--jsn").returncode)
        self.assertIn("--json", self.run_command("./lumos", "doctor", "--help").out)


if __name__ == "__main__":
    unittest.main()

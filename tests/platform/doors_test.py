"""The two doors: exit codes, and what is passed into the root."""

import hashlib
import os
import pathlib
import unittest

from checkout import NOBODY, REPO, Checkout, may_mount

KEY = hashlib.sha256(b"".join((REPO / "platform" / name).read_bytes() for name in ("packages.txt", "packages.lock"))).hexdigest()[:12]
ROOT = pathlib.Path(os.environ.get("LUMOS_HOME", "/nonexistent"), f"root-{KEY}")


class Doors(Checkout):
    def test_unknown_words_are_usage_errors(self):
        self.assertEqual(2, self.run_command("./dev", "nope").returncode)
        self.environment["LUMOS_NATIVE"] = "1"
        for words in (("test", "nope"), ("build", "nope"), ("lint", "--nope"), ("bench", "nope")):
            process = self.run_command("./dev", *words)
            self.assertEqual((2, True), (process.returncode, "next: " in process.err), process.err)

    def test_help_needs_nothing(self):
        self.assertIn("./dev test", self.run_command("./dev").out)

    @unittest.skipUnless(may_mount(), "needs root")
    def test_without_root_or_its_capabilities_nothing_is_begun(self):
        for prefix in (NOBODY, ["setpriv", "--bounding-set=-sys_admin"]):
            for command in (["./lumos", "demo"], ["./dev", "shell"]):
                process = self.run_command(*prefix, *command)
                self.assertEqual(3, process.returncode, process.err)
                self.assertIn("next: ", process.err)
        self.assertFalse(self.home.exists())

    @unittest.skipUnless(may_mount() and ROOT.is_dir(), "needs root, and this checkout's root")
    def test_a_command_in_the_root_sees_the_checkout_the_variables_and_the_certificates(self):
        self.environment["LUMOS_HOME"] = os.environ["LUMOS_HOME"]
        self.environment["https_proxy"] = "proxy of the host"
        self.environment["LD_PRELOAD"] = ""
        script = 'echo "$PWD|$https_proxy|$LUMOS_NATIVE|$LUMOS_HOME"; cat /etc/ssl/certs/ca-certificates.crt | sha256sum; cat /etc/debian_version'
        process = self.run_command("./dev", "shell", "bash", "-c", script)
        place, certificates, version = process.out.splitlines()
        self.assertEqual(f"{self.repo}|proxy of the host|1|{os.environ['LUMOS_HOME']}", place)
        self.assertEqual(self.run_command("bash", "-c", "cat /etc/ssl/certs/ca-certificates.crt | sha256sum").out.strip(), certificates)
        self.assertTrue(version.startswith("13"))

    @unittest.skipUnless(may_mount() and ROOT.is_dir(), "needs root, and this checkout's root")
    def test_a_removed_folder_or_no_home_stops_nobody(self):
        self.environment["LUMOS_HOME"] = os.environ["LUMOS_HOME"]
        del self.environment["HOME"]
        gone = self.folder / "gone"
        gone.mkdir()
        process = self.run_command("bash", "-c", 'cd "$0" && rmdir "$0" && "$1/dev" shell pwd', str(gone), str(self.repo))
        self.assertEqual((0, f"{self.repo}\n"), (process.returncode, process.out), process.err)


if __name__ == "__main__":
    unittest.main()

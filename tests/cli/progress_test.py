"""Progress: plain lines where there is no terminal, one rewritten line where there is."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import unittest

from lumos_cli import REPO, LumosTest

SLOW = ["run", REPO / "experiments/smoke.yaml", "--backend", "fake:slow", "--set", "functions=[fibonacci]", "--set", "stop={min: 3, max: 3}"]
LINE = r"\d+/\d+ cells done, \d+ samples(, \d+ failed)?, \S+( \S+)? (\S+ \S+ )?elapsed, .+ left  \S+ \S+ (cold|warm)"


class Progress(LumosTest):
    def test_without_a_terminal_is_plain_lines(self):
        err = self.lumos(*SLOW).err
        self.assertNotIn("\r", err)
        self.assertNotIn("\x1b", err)
        self.assertTrue(err.endswith("\n"))
        for line in err.splitlines():
            self.assertRegex(line, f"^{LINE}$")
        self.assertLess(len(err.splitlines()), 30, "a line every few seconds, not one a visit")

    def test_stays_off_standard_output(self):
        out = self.lumos(*SLOW).out
        self.assertNotIn("elapsed", out)
        self.assertNotIn("\x1b", out)

    def on_terminal(self, columns):
        """What a terminal of this width is sent, and standard output, which is no terminal."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = self.start(*SLOW, stderr=theirs)
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
            if not part:
                break
            seen += part
        os.close(ours)
        out, _ = process.communicate()
        self.assertEqual(0, process.returncode, out)
        return seen.decode(), out

    def test_on_a_terminal_is_one_line_rewritten(self):
        seen, out = self.on_terminal(200)
        written = [part for part in seen.split("\r") if part.strip("\n")]
        self.assertGreater(len(written), 3)
        for part in written[:-1]:
            self.assertTrue(part.endswith("\x1b[K"), repr(part))
        lines = [part.removesuffix("\x1b[K") for part in written]
        self.assertRegex(lines[0], f"^{LINE}$")
        self.assertNotIn("\n", "".join(lines[:-1]))
        self.assertTrue(seen.endswith("\r\x1b[K"), "the last one is wiped, so that the finding stands alone")
        self.assertNotIn("\x1b", out)

    def test_on_a_narrow_terminal_never_wraps(self):
        seen, _ = self.on_terminal(40)
        for part in seen.split("\r"):
            shown = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", part)
            self.assertLess(len(shown), 40, repr(part))

    def test_a_reader_that_goes_away_does_not_hang_it(self):
        process = self.start(*SLOW, stderr=subprocess.DEVNULL)
        process.stdout.close()
        self.assertIn(process.wait(timeout=60), (0, -13))


if __name__ == "__main__":
    unittest.main()

"""What a machine may do to a run: its clock is set, it has no more descriptors, its disk is full."""

import datetime
import subprocess
import unittest

from lumos_local import LocalTest

EXPERIMENT = """
functions: [noop]
runtimes: [sandbox, crun]
stop: {min: 3, max: 3, invocations: 5, timeout: 20s}
"""
# Nobody may set the clock of a machine that others use, and no namespace has one of its own: the calls that ask for the time of
# day are answered an hour ahead and an hour behind in turns.
CLOCK = r"""
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static long step(void) { static unsigned n; return n++ % 2 ? -3600 : 3600; }
int clock_gettime(clockid_t clock, struct timespec *t) {
  const int result = (int)syscall(SYS_clock_gettime, clock, t);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) t->tv_sec += step();
  return result;
}
int gettimeofday(struct timeval *t, void *zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  t->tv_sec = now.tv_sec, t->tv_usec = now.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *t) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (t) *t = now.tv_sec;
  return now.tv_sec;
}
"""


class Clock(LocalTest):
    def test_that_is_set_changes_no_duration(self):
        library, run = self.folder / "clock.so", self.folder / "run"
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-x", "c", "-", "-o", library], input=CLOCK, text=True, check=True)
        ended = self.lumos("run", self.experiment(EXPERIMENT), "--out", run, prefix=["env", f"LD_PRELOAD={library}"], expect=None)
        self.assertIn(ended.code, (0, 1), str(ended))
        utc = [row[0] for row in self.rows(run, "SELECT utc FROM events")] + [self.manifest(run)[key] for key in ("started_utc", "ended_utc")]
        now = datetime.datetime.now(datetime.timezone.utc).timestamp()
        off = [abs(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() - now) for text in utc]
        self.assertGreater(min(off), 3000, f"the tool saw the right time: {utc}")
        rows = self.rows(run, "SELECT * FROM samples")
        self.assertEqual(2 * 3 * (1 + 6), len(rows))
        for row in rows:
            self.assertEqual("ok", row["outcome"])
            stamps = [row[name] for name in ("intended_ns", "sent_ns", "received_ns", "create_begin_ns", "create_end_ns", "ready_ns",
                                             "dispatched_ns", "responded_ns", "done_ns") if row[name] is not None]
            self.assertEqual(sorted(stamps), stamps)
            self.assertLess(stamps[-1] - stamps[0], 20e9)
        for row in self.rows(run, "SELECT elapsed_ns FROM visits"):
            self.assertTrue(0 < row[0] < 60e9, row[0])


class Descriptors(LocalTest):
    def test_too_few_end_the_run_with_the_reason_and_leave_nothing(self):
        before = self.look_around()
        refused = 0
        for limit in (8, 12, 16, 20, 26, 34, 64):
            with self.subTest(limit=limit):
                run = self.folder / f"run{limit}"
                ended = self.lumos("run", self.experiment(EXPERIMENT), "--out", run, prefix=["prlimit", f"--nofile={limit}"], expect=None)
                self.assertIn(ended.code, (0, 1, 3), str(ended))
                if ended.code == 3:
                    refused += 1
                    self.assert_error(ended, 3, "open files")
                    if "--resume" in ended.err:
                        self.measure("--resume", run)
                self.assertEqual([], self.marks())
                self.assertEqual({}, self.processes_of_runs())
                self.assertEqual(before, self.look_around())
        self.assertGreater(refused, 1, "no limit was low enough to show anything")


class FullDisk(LocalTest):
    def test_ends_the_run_and_keeps_what_was_committed(self):
        """The run's folder is a small disk of its own, copied before it goes with its mount namespace."""
        before = self.look_around()
        disk, kept = self.folder / "disk", self.folder / "kept"
        disk.mkdir()
        script = 'disk=$1 to=$2; mount -t tmpfs -o size=400k tmpfs "$disk" && shift 2 && { "$@"; code=$?; cp -r "$disk" "$to"; exit $code; }'
        experiment = EXPERIMENT.replace("min: 3, max: 3", "min: 2000, max: 2000")
        ended = self.lumos("run", self.experiment(experiment), "--out", disk / "run", expect=None,
                           prefix=["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", disk, kept])
        self.assertRegex(self.assert_error(ended, 3, str(disk / "run")), "full|No space left")
        self.assertIn("--resume", ended.err)
        self.assertGreater(self.count(kept / "run"), 20)
        self.assertEqual("ok", self.rows(kept / "run", "PRAGMA integrity_check")[0][0])
        self.lumos("results", kept / "run", expect=None)
        self.assertEqual([], self.marks())
        self.assertEqual(before, self.look_around())


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""Who runs where, and at which priority, as the manifest's plan says."""

import os
import signal
import unittest

from lumos_cli import RUNTIMES
from lumos_local import LocalTest, children_of
from results_contract import statuses


class Placement(LocalTest):
    FUNCTIONS = ["noop"]
    EXPERIMENT = "functions: [noop]\nruntimes: [sandbox]\nstart: [cold]\nstop: {min: 400, max: 400}\n"
    EVERY_RUNTIME = "functions: [noop]\nstart: [cold]\nstop: {min: 1, max: 1}\n"

    def test_every_process_is_on_the_cores_of_its_role(self):
        run = self.folder / "run"
        process = self.begin(self.EXPERIMENT, run, 3)
        plan = self.manifest(run)["backend"]["placement"]
        launcher, gateway, generator = children_of(process.pid)
        for role, pid in (("conductor", process.pid), ("launcher", launcher), ("gateway", gateway), ("generator", generator)):
            self.assertEqual(set(plan[role]), os.sched_getaffinity(pid), role)
            policy = os.sched_getscheduler(pid) & ~os.SCHED_RESET_ON_FORK
            self.assertEqual(os.SCHED_FIFO if role in plan["real_time"] else os.SCHED_OTHER, policy, role)
        self.assertEqual([], plan["unkept"])
        if len(os.sched_getaffinity(0)) > 1:
            self.assertFalse(set(plan["instances"]) & set(plan["gateway"] + plan["storage"] + plan["links"]))
        process.send_signal(signal.SIGINT)
        self.finish(process, 130)

    def test_started_in_real_time_it_still_starts_ordinary_instances_on_every_runtime(self):
        run = self.folder / "run"
        self.lumos("run", self.experiment(self.EVERY_RUNTIME), "--out", run, prefix=["chrt", "-f", "1"], expect=None)
        document = self.results(run, expect=None)
        self.assertEqual(set(RUNTIMES), {cell["factors"]["runtime"] for cell in document["cells"]})
        for cell in document["cells"]:
            self.assertEqual({"ok": 1}, {k: n for k, n in cell["outcomes"].items() if n}, cell)
            self.assertIn(statuses(cell)["placement"], ("pass", "flag") if len(os.sched_getaffinity(0)) < 2 else ("pass",))


if __name__ == "__main__":
    unittest.main(verbosity=2)

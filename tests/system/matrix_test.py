"""All five runtimes, cold and warm, for real: one run, looked at from every side."""

import json
import re
import statistics
import unittest

from lumos_cli import REPO, RUNTIMES
from lumos_local import NOISE, LocalTest, cgroups
from results_contract import cell_of, statuses

VISITS, INVOCATIONS = 4, 5
EXPERIMENT = f"""
name: matrix
functions:
  - noop
  - {{name: fibonacci, payload: [10000, 1000000]}}
runtimes: [{", ".join(RUNTIMES)}]
start: [cold, warm]
stop: {{min: {VISITS}, max: {VISITS}, invocations: {INVOCATIONS}}}
telemetry: {{probes: 0}}
seed: 11
"""
SAMPLES = """
SELECT s.*, v.cell, c.start AS wanted, d.runtime, d.function, json_extract(c.factors, '$.payload') AS payload, i.name, v.finished
FROM samples s JOIN visits v ON v.id = s.visit JOIN cells c ON c.id = v.cell JOIN deployments d ON d.id = c.deployment
LEFT JOIN instances i ON i.id = s.instance ORDER BY s.id"""
STAMPS = ["intended", "sent", "received", "create_begin", "create_end", "start_begin", "start_end", "ready", "dispatched", "responded", "done"]
CPU_TICK_NS = 10_000_000  # what the clock of a process may be late by
SPANS = ["deserialize", "fetch", "compute", "digest", "store", "serialize"]


def phases(s):
    """The phases of docs/metrics.md, computed from the columns: name → ns."""
    at = {name: s[name + "_ns"] for name in STAMPS}
    cold = at["create_begin"] is not None
    made = {"pace": ("intended", "sent"), "to_gateway": ("sent", "received"), "queue": ("received", "create_begin" if cold else "dispatched"),
            "return": ("responded", "done")}
    if cold:
        made |= {"create": ("create_begin", "create_end"), "dispatch": ("ready", "dispatched"),
                 "ready": ("start_end" if at["start_end"] is not None else "create_end", "ready")}
        if at["start_begin"] is not None:
            made["start"] = ("start_begin", "start_end")
    found = {name: at[end] - at[begin] for name, (begin, end) in made.items()}
    found["hops"] = at["responded"] - at["dispatched"] - s["span_handle_ns"]
    return found | {name: s[f"span_{name}_ns"] for name in SPANS if s[f"span_{name}_ns"] is not None}


class Matrix(LocalTest):
    begun, document = False, None

    def setUp(self):
        super().setUp()
        if Matrix.begun and Matrix.document is None:
            self.fail("the run that all these tests look at failed: see the first failure")
        if not Matrix.begun:
            Matrix.begun = True
            before = self.look_around()
            run = self.folder / "run"
            ended = self.measure(self.experiment(EXPERIMENT), "--out", run)
            self.assert_clean(before, self.tag_of(run))
            Matrix.finding = ended.out
            Matrix.samples = [dict(row) for row in self.rows(run, SAMPLES)]
            Matrix.instances = [dict(row) for row in self.rows(
                run, "SELECT i.*, d.runtime, c.start FROM instances i JOIN visits v ON v.id = i.visit JOIN cells c ON c.id = v.cell"
                     " JOIN deployments d ON d.id = c.deployment ORDER BY i.id")]
            Matrix.manifest_of_run = self.manifest(run)
            Matrix.document = self.results(run, expect=None)

    def measured(self):
        return [s for s in self.samples if s["role"] == "measure"]

    def test_every_cell_was_measured_and_every_check_passed(self):
        self.assertEqual(3 * 5 * 2, len(self.document["cells"]))
        for cell in self.document["cells"]:
            n = VISITS * (1 if cell["factors"]["start"] == "cold" else INVOCATIONS)
            self.assertEqual({"ok": n}, cell["outcomes"])
            self.assertEqual(VISITS, cell["metrics"]["latency_ms"]["replicates"])
            for name, status in statuses(cell).items():
                # Flags where there are too few cores for everybody to have their own, and where others use them.
                if name in ("placement", "cold_not_below_warm"):
                    self.assertNotEqual("fail", status, cell["checks"])
                elif name not in NOISE:
                    self.assertEqual("pass", status, cell["checks"])
            for name in ("cpu_ms", "cpu_launch_ms", "memory_peak_bytes", "image_bytes", "artefact_bytes"):
                self.assertGreater(cell["metrics"][name], 0, name)
        self.assertIn("all outputs equal", self.finding)
        self.assertIn("AoT proven", self.finding)

    def test_results_are_the_same_on_every_runtime_and_the_expected_ones(self):
        expected = {}
        for name in ("noop", "fibonacci"):
            for entry in json.loads((REPO / "functions" / name / "function.json").read_text())["expected"]:
                expected[name, entry["payload"]] = {entry["digest"]}
        found = {}
        for s in self.samples:
            found.setdefault((s["function"], s["payload"]), set()).add(s["digest"])
        self.assertEqual(3, len(found))
        for key, digests in found.items():
            self.assertEqual(expected[key], digests, key)
        self.assertEqual(set(RUNTIMES), {s["runtime"] for s in self.samples})

    def test_ahead_of_time_code_ran_where_it_should_and_nowhere_else(self):
        for runtime in ("wasm-interp", "wasm-aot"):
            code = [i["aot_code_bytes"] for i in self.instances if i["runtime"] == runtime]
            self.assertEqual(3 * 2 * VISITS, len(code))
            for size in code:
                self.assertIsNotNone(size)
                self.assertEqual(runtime == "wasm-aot", size > 0, f"{runtime}: {size}")
        for cell in self.document["cells"]:
            check = {"wasm-aot": "aot_executed", "wasm-interp": "interpreter_executed"}.get(cell["factors"]["runtime"])
            for name in ("aot_executed", "interpreter_executed"):
                self.assertEqual(name == check, name in statuses(cell))
            if check:
                detail, = (c["detail"] for c in cell["checks"] if c["name"] == check)
                self.assertRegex(detail, rf"^All {VISITS} instances ran ")

    def test_interpreted_computation_is_slower_than_compiled(self):
        p50 = {r: cell_of(self.document, function="fibonacci", payload=1000000, runtime=r, start="warm")["metrics"]["latency_ms"]["p50"] for r in RUNTIMES}
        for compiled in ("sandbox", "runc", "crun", "wasm-aot"):
            self.assertGreater(p50["wasm-interp"], 5 * p50[compiled], p50)

    def test_starts_are_what_they_were_meant_to_be(self):
        for s in self.samples:
            prime = s["role"] == "prime"
            self.assertEqual("cold" if prime or s["wanted"] == "cold" else "warm", s["start"], s)
            self.assertEqual((1, 200, "ok"), (s["start_verified"], s["http_status"], s["outcome"]), s)
            self.assertEqual(s["start"] == "warm", s["idle_gap_ns"] is not None)
            self.assertEqual(s["start"] == "cold", s["create_begin_ns"] is not None)

    def test_invocations_count_up_within_each_instance_and_no_two_visits_share_one(self):
        of_visit = {}
        for s in self.samples:
            of_visit.setdefault(s["visit"], []).append(s)
        self.assertEqual(3 * 5 * 2 * VISITS, len(of_visit))
        for visit in of_visit.values():
            self.assertEqual(1, len({s["instance"] for s in visit}))
            self.assertEqual(list(range(1, len(visit) + 1)), [s["invocation"] for s in visit])
            self.assertEqual(1 if visit[0]["wanted"] == "cold" else 1 + INVOCATIONS, len(visit))
        used = [visit[0]["instance"] for visit in of_visit.values()]
        self.assertEqual(len(used), len(set(used)))
        tag = self.manifest_of_run["backend"]["tag"]
        self.assertEqual({f"{tag}-{i}" for i in used}, {i["name"] for i in self.instances})
        self.assertEqual([], cgroups(tag))

    def test_phases_sum_to_the_latency_and_leave_little(self):
        shares = []
        for s in self.samples:
            latency = s["done_ns"] - s["intended_ns"]
            parts = phases(s)
            for name, ns in parts.items():
                self.assertGreaterEqual(ns, 0, f"{name} of {s}")
            residual = latency - sum(parts.values())
            self.assertGreaterEqual(residual, 0, s)
            shares.append(residual / max(0.02 * latency, 50_000))
        # Where the machine takes a core away between two stamps, a single sample may leave more.
        self.assertLess(statistics.median(shares), 0.5)
        self.assertLess(sorted(shares)[int(0.9 * len(shares))], 1)
        for cell in self.document["cells"]:
            self.assertIsNotNone(cell["metrics"]["residual_ms"]["p99"])

    def test_stamps_are_in_the_order_of_an_invocations_life(self):
        for s in self.samples:
            stamps = [s[name + "_ns"] for name in STAMPS if s[name + "_ns"] is not None]
            self.assertEqual(sorted(stamps), stamps, s)
        ends = [(s["intended_ns"], s["done_ns"]) for s in self.samples]
        for (_, done), (intended, _) in zip(ends, ends[1:]):
            self.assertLess(done, intended, "one after the other")

    def test_a_sandbox_has_no_second_step_and_the_others_do(self):
        for s in self.samples:
            if s["start"] == "cold":
                self.assertEqual(s["runtime"] == "sandbox", s["start_begin_ns"] is None)

    def test_counters_were_read(self):
        for s in self.samples:
            if s["start"] == "warm":
                self.assertIsNotNone(s["cpu_before_ns"], s)
                self.assertGreaterEqual(s["cpu_after_ns"], s["cpu_before_ns"])
        for i in self.instances:
            self.assertEqual("", i["note"], "nothing was wrong")
            for column in ("cpu_launch_ns", "cpu_total_ns", "memory_peak_bytes"):
                self.assertGreater(i[column], 0, (column, i))

    def test_functions_say_their_cpu_time_on_every_runtime(self):
        for s in Matrix.samples:
            self.assertIsNotNone(s["span_cpu_ns"], s["runtime"])
            self.assertLess(s["span_cpu_ns"], s["span_handle_ns"] * 1.5 + CPU_TICK_NS, s["runtime"])  # one thread
        busy = [s for s in Matrix.samples if s["runtime"] == "wasm-interp" and s["payload"] == 1000000]
        self.assertGreater(statistics.median(s["span_cpu_ns"] / s["span_handle_ns"] for s in busy), 0.5)

    def test_the_manifest_says_on_what(self):
        manifest = self.manifest_of_run
        self.assertEqual("local", manifest["backend"]["name"])
        self.assertRegex(manifest["backend"]["tag"], "^r[0-9a-f]{8}$")
        digests = {(i["function"], i["runtime"]): i["digest"] for i in manifest["images"]}
        self.assertEqual(2 * 5, len(digests))
        of_kind = {(a["function"], a["kind"]): a["digest"] for a in self.artefacts}
        kinds = {"wasm-interp": "wasm", "wasm-aot": "aot"}
        for (function, runtime), digest in digests.items():
            self.assertTrue(re.fullmatch("sha256:[0-9a-f]{64}", digest))
            self.assertEqual(of_kind[function, kinds.get(runtime, "native")], digest)


if __name__ == "__main__":
    unittest.main()

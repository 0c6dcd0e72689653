"""`run` and `results` on the fake backend: what a run leaves behind, and what is said of it."""

import json
import pathlib
import time
import unittest

from lumos_cli import REPO, RUNTIMES, LumosTest
from results_contract import cell_of, statuses

SMOKE = REPO / "experiments" / "smoke.yaml"
SMALL = "name: small\nfunctions: [noop]\nruntimes: [crun, wasm-aot]\nstart: [cold, warm]\nstop: {min: 3, max: 3, invocations: 4}\nseed: 5\n"


class DryRun(LumosTest):
    def test_shows_the_plan_and_makes_nothing(self):
        out = self.lumos("run", SMOKE, "--dry-run").out
        self.assertIn("30 cells, seed 42", out)
        listed = [line.strip() for line in out.split("order of the first round:\n")[1].splitlines() if line.startswith("  ")]
        self.assertEqual(30, len(listed))
        self.assertEqual(30, len(set(listed)))
        self.assertNotEqual(sorted(listed), listed)
        self.assertFalse(self.runs.exists())

    def test_is_the_order_that_is_run(self):
        path = self.experiment(SMALL)
        order = [line.split() for line in self.lumos("run", path, "--dry-run").out.splitlines() if line.startswith("  ")]
        self.lumos("run", path, "--backend", "fake", "--out", "run")
        visited = self.rows(self.folder / "run", "SELECT d.runtime, c.start FROM visits v JOIN cells c ON c.id = v.cell JOIN deployments d ON d.id = c.deployment"
                                                 " WHERE v.round = 0 ORDER BY v.id")
        self.assertEqual([words[1:] for words in order], [list(row) for row in visited])

    def test_settings_count(self):
        self.assertIn("2 cells, seed 7", self.lumos("run", SMOKE, "--dry-run", "--set", "seed=7", "--set", "functions=[noop]", "--set", "runtimes=crun").out)
        self.assertIn("at most 90.0 s in all", self.lumos("run", SMOKE, "--dry-run", "--budget", "90s").out)

    def test_names_a_stopping_rule_that_can_stop_nothing_and_where_it_stands(self):
        path = self.experiment("functions: [noop]\nstop: {of: p99, max: 200}\n")
        out = " ".join(self.lumos("run", path, "--dry-run").out.split())
        self.assertIn(f"note: {path}:2:12: 'stop.ci' never ends a cold cell before 'stop.max'", out)
        self.assertNotIn("a warm cell", out)
        self.assertIn("note: --set stop.of=p99: 'stop.ci' never", self.lumos("run", SMOKE, "--dry-run", "--set", "stop.of=p99").out)
        self.assertNotIn("note:", self.lumos("run", path, "--dry-run", "--set", "stop.max=400").out)


class Results(LumosTest):
    def test_obey_the_contract(self):
        self.lumos("run", SMOKE, "--backend", "fake", "--set", "stop.max=12")
        document = self.results("latest")
        self.assertEqual(30, len(document["cells"]))
        self.assertEqual(set(RUNTIMES), {c["factors"]["runtime"] for c in document["cells"]})
        self.assertEqual({("fibonacci", 10000), ("fibonacci", 1000000), ("noop", None)},
                         {(c["factors"]["function"], c["factors"]["payload"]) for c in document["cells"]})
        for cell in document["cells"]:
            factors, metrics = cell["factors"], cell["metrics"]
            self.assertEqual(("inline", "json", 1, "scratch"), tuple(factors[f] for f in ("storage", "format", "concurrency", "base")))
            built = {"native": ("baseline", None, None), "interpreted": (None, "off", None), "aot": ("baseline", "off", 3)}[cell["derived"]["mode"]]
            self.assertEqual(built, tuple(factors[f] for f in ("isa", "wasm_simd", "aot_level")))
            self.assertEqual({"ok"}, set(cell["outcomes"]))
            self.assertEqual({"pass"}, set(statuses(cell).values()), cell["checks"])
            self.assertEqual({"runc", "crun"} - {factors["runtime"]}, set(metrics["ratio_to"]))
            self.assertIsNone(metrics["image_bytes"], "there are no images behind the fake backend")
            self.assertEqual(metrics["latency_ms"], metrics["latency_ok_ms"])
            if factors["start"] == "cold":
                self.assertIn("cold_not_below_warm", statuses(cell))
                self.assertEqual(metrics["latency_ms"]["n"], metrics["latency_ms"]["replicates"])

    def test_give_an_interval_exactly_where_the_samples_support_it(self):
        # cold: n = replicates; warm: some invocations each.
        for replicates, invocations, cold_has, warm_has in ((5, 70, [], []), (6, 9, ["p50"], ["p50"]), (58, 1, ["p50"], ["p50"]),
                                                            (59, 5, ["p50", "p95"], ["p50", "p95"]), (149, 2, ["p50", "p95"], ["p50", "p95"]),
                                                            (23, 13, ["p50"], ["p50", "p95", "p99"])):
            run = self.runs / f"{replicates}x{invocations}"
            self.lumos("run", SMOKE, "--backend", "fake", "--out", run, *self.exactly(replicates, invocations))
            document = self.results(run)
            for start, n, has in (("cold", replicates, cold_has), ("warm", replicates * invocations, warm_has)):
                latency = cell_of(document, start=start)["metrics"]["latency_ms"]
                self.assertEqual((n, replicates), (latency["n"], latency["replicates"]))
                self.assertEqual(has, [q for q in ("p50", "p95", "p99") if latency[q + "_ci"]], f"{start} {n}")

    @staticmethod
    def exactly(replicates, invocations):
        settings = ("functions=[noop]", "runtimes=[crun]", f"stop={{min: {replicates}, max: {replicates}, invocations: {invocations}}}")
        return [word for setting in settings for word in ("--set", setting)]

    def test_are_the_same_whenever_they_are_asked_for_and_wherever(self):
        self.lumos("run", SMOKE, "--backend", "fake", "--set", "stop.max=6", "--out", self.runs / "a")
        first = self.lumos("results", "a", "--json").out
        self.assertEqual(first, self.lumos("results", self.runs / "a", "--json").out)
        self.assertEqual(first, self.lumos("results", "--json").out)
        self.lumos("run", SMOKE, "--backend", "fake", "--set", "stop.max=6", "--out", self.runs / "b")
        again = json.loads(self.lumos("results", "b", "--json").out)
        self.assertEqual(json.loads(first)["cells"], again["cells"], "the same seed plays the same run")

    def test_latest_is_the_run_that_was_written_last(self):
        for name in ("z", "a"):
            self.lumos("run", self.experiment(SMALL), "--backend", "fake", "--out", self.runs / name)
        self.assertEqual("a", self.results("latest")["run"])

    def test_say_that_the_fake_backend_measured_nothing(self):
        ended = self.lumos("run", self.experiment(SMALL), "--backend", "fake")
        self.assertIn("nothing was measured", ended.out)
        self.assertIn("nothing was measured", self.lumos("results").out)
        self.assertIn("nothing was measured", self.results("latest")["finding"])


class Faults(LumosTest):
    def test_are_exit_code_1_and_are_counted(self):
        ended = self.lumos("run", self.experiment(SMALL), "--backend", "fake:faults", "--set", "stop={min: 20, max: 20}", expect=1)
        self.assertIn("CHECKS FAILED", ended.out)
        self.assert_finding_and_next(ended)
        document = self.results("latest", expect=1)
        self.lumos("results", expect=1)
        seen = {}
        for cell in document["cells"]:
            for outcome, count in cell["outcomes"].items():
                seen[outcome] = seen.get(outcome, 0) + count
        rows = self.rows(self.latest(), "SELECT outcome, count(*) FROM samples WHERE role = 'measure' GROUP BY 1")
        self.assertEqual({outcome: count for outcome, count in rows}, seen)
        self.assertLessEqual({"ok", "wrong_output", "reset", "timeout", "bad_status"}, set(seen))
        warm = cell_of(document, runtime="crun", start="warm")
        self.assertEqual("fail", statuses(warm)["errors"])
        self.assertIsNone(warm["metrics"]["latency_ms"]["p99"], "one in ten is infinite, and so is p99")
        self.assertIsNotNone(warm["metrics"]["latency_ok_ms"]["p99"])

    def latest(self):
        return max(self.runs.iterdir(), key=lambda p: p.stat().st_mtime)


class Folder(LumosTest):
    def test_holds_what_the_format_says(self):
        path = self.experiment(SMALL)
        self.lumos("run", path, "--backend", "fake", "--set", "seed=6", "--budget", "1m")
        run, = self.runs.iterdir()
        self.assertRegex(run.name, r"^\d{8}T\d{6}Z-small$")
        self.assertEqual(path.read_text(), (run / "experiment.yaml").read_text())
        self.assertTrue((run / "logs").is_dir())
        manifest = self.manifest(run)
        self.assertEqual("schema", next(iter(manifest)))
        for key, value in {"schema": 1, "name": "small", "seed": 6, "end": "measured", "overrides": ["seed=6", "stop.budget=1m"],
                           "arguments": ["run", str(path), "--backend", "fake", "--set", "seed=6", "--budget", "1m"]}.items():
            self.assertEqual(value, manifest[key], key)
        self.assertEqual("fake", manifest["backend"]["name"].split(":")[0])
        self.assertIn(manifest["build_type"], ("Debug", "Release"))
        for key in ("started_utc", "ended_utc"):
            self.assertRegex(manifest[key], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertLessEqual({"kernel", "architecture", "processor", "cores", "memory", "cgroup"}, set(manifest["machine"]))
        self.assertLessEqual({"crun", "libwasmedge0", "rustc", "wasmedge"}, set(manifest["packages"]))
        self.assertNotIn("runc", manifest["packages"], "only what this plan stands on")
        self.assertEqual([("noop", "crun"), ("noop", "wasm-aot")], [(i["function"], i["runtime"]) for i in manifest["images"]])
        if (REPO / ".git").exists():
            self.assertRegex(manifest["git"]["commit"], "^[0-9a-f]{40}$")

    def test_analysis_changes_nothing_in_it(self):
        self.lumos("run", self.experiment(SMALL), "--backend", "fake", "--out", "run")
        run = self.folder / "run"
        before = {p.name: p.read_bytes() for p in run.iterdir() if p.is_file() and not p.name.endswith(("-wal", "-shm"))}
        self.results(run)
        self.assertEqual(before, {p.name: p.read_bytes() for p in run.iterdir() if p.name in before})

    def test_named_twice_is_refused_and_keeps_the_first(self):
        self.lumos("run", self.experiment(SMALL), "--backend", "fake", "--out", "here")
        before = (self.folder / "here" / "run.sqlite").read_bytes()
        self.assert_error(self.lumos("run", self.experiment(SMALL), "--backend", "fake", "--out", "here", expect=None), 2, "here", "--resume here")
        self.assertEqual(before, (self.folder / "here" / "run.sqlite").read_bytes())

    def test_what_is_measured_is_written_once_for_every_sample(self):
        self.lumos("run", self.experiment(SMALL), "--backend", "fake", "--out", "run")
        run = self.folder / "run"
        self.assertEqual(4 * 3, len(self.rows(run, "SELECT 1 FROM visits WHERE finished")))
        self.assertEqual({("measure", 2 * 3 + 2 * 3 * 4), ("prime", 2 * 3), ("probe", 3)}, {tuple(r) for r in self.rows(run, "SELECT role, count(*) FROM samples GROUP BY 1")})
        ids = [r[0] for r in self.rows(run, "SELECT id FROM samples ORDER BY id")]
        self.assertEqual(list(range(1, len(ids) + 1)), ids)
        self.assertEqual(4 * 3 + 3, self.count(run, "instances"))

    def test_two_runs_that_begin_in_the_same_second_get_one_each(self):
        path = self.experiment(SMALL)
        started = [self.start("run", path, "--backend", "fake") for _ in range(6)]
        places = [pathlib.Path(self.finish(p).out.split("The run is in ")[1].splitlines()[0]) for p in started]
        self.assertEqual(6, len(set(places)))
        for place in places:
            self.results(place)


class Probes(LumosTest):
    def run_with(self, *settings):
        self.lumos("run", self.experiment(SMALL), "--backend", "fake", "--out", "run", *(word for s in settings for word in ("--set", s)))
        return self.folder / "run"

    def test_are_beside_the_first_cold_starts_of_wasm_alone(self):
        run = self.run_with("telemetry={probes: 2}", "stop={min: 8, max: 8}")
        probed = self.rows(run, "SELECT c.factors, v.round, i.role FROM samples s JOIN visits v ON v.id = s.visit JOIN cells c ON c.id = v.cell"
                                " JOIN instances i ON i.id = s.instance WHERE s.role = 'probe'")
        self.assertEqual([0, 1], sorted(row["round"] for row in probed))
        for row in probed:
            self.assertEqual(("wasm-aot", "cold", "probe"), (json.loads(row["factors"])["runtime"], json.loads(row["factors"])["start"], row["role"]))
        anatomy = cell_of(self.results(run), runtime="wasm-aot", start="cold")["metrics"]["anatomy"]
        self.assertEqual((2, True), (anatomy["starts"], anatomy["probed"]))
        self.assertAlmostEqual(0.5, anatomy["phases"]["create"]["libraries"]["share"], places=3)
        for steps in anatomy["phases"].values():
            self.assertAlmostEqual(1, sum(step["share"] for step in steps.values()), places=5)
        self.assertIsNone(cell_of(self.results(run), runtime="crun", start="cold")["metrics"]["anatomy"])

    def test_are_shown_below_their_phase(self):
        out = self.lumos("results", self.run_with(), "--phases").out
        cold = out.split("noop warm")[0]
        phases = [line.split()[0] for line in cold.splitlines()[2:] if line.startswith("  ")]
        at = phases.index("create")
        self.assertEqual(["create", "bundle", "libraries", "rest", "start", "ready", "engine", "load", "validate", "instantiate", "rest"], phases[at:at + 11])
        self.assertIn("wasm-aot: steps as the shares that 3 probed starts beside these had", cold)

    def test_can_be_left_out(self):
        run = self.run_with("telemetry={probes: 0}")
        self.assertEqual(0, self.count(run, "steps"))
        self.assertNotIn("libraries", self.lumos("results", run, "--phases").out)


class Density(LumosTest):
    def test_is_measured_when_the_cells_are_done(self):
        self.lumos("run", self.experiment(SMALL + "density: 5\n"), "--backend", "fake", "--out", "run")
        run = self.folder / "run"
        self.assertEqual(2 * 3 * 6, self.count(run, "density"))
        density = self.results(run)["density"]
        self.assertEqual(["crun", "wasm-aot"], [d["factors"]["runtime"] for d in density])
        for d in density:
            self.assertEqual((3, [1, 2, 3, 4, 5]), (d["repetitions"], [point["instances"] for point in d["points"]]))
            self.assertEqual({"each": 3000000, "each_range": [3000000, 3000000], "once": 50000000}, d["pss_bytes"])
            self.assertEqual({"each": 2000000, "each_range": [2000000, 2000000], "once": 0}, d["host_bytes"])
        self.assertIn("side by side", self.lumos("results", run).out)

    def test_is_in_the_plan(self):
        out = self.lumos("run", self.experiment(SMALL + "density: 5\n"), "--dry-run").out
        self.assertIn("then, not counted: 1 to 5 instances of each of 2 deployments side by side", out)

    def test_is_not_measured_unasked(self):
        self.lumos("run", self.experiment(SMALL), "--backend", "fake", "--out", "run")
        self.assertEqual([], self.results(self.folder / "run")["density"])


class Caches(LumosTest):
    def test_multiply_cold_cells_and_name_what_differs(self):
        path = self.experiment(SMALL + "cache: [memory, disk]\nruntime_cache: [memory, disk]\n")
        out = self.lumos("run", path, "--dry-run", "--set", "runtimes=[sandbox, crun]").out
        self.assertIn("note: runtime_cache does not apply to sandbox", out)
        listed = sorted(line.strip() for line in out.splitlines() if line.startswith("  "))
        self.assertEqual(sorted(["noop sandbox cold", "noop sandbox cold, cache disk", "noop sandbox warm", "noop crun warm", "noop crun cold",
                                 "noop crun cold, cache disk", "noop crun cold, runtime_cache disk",
                                 "noop crun cold, cache disk, runtime_cache disk"]), listed)
        self.lumos("run", path, "--backend", "fake", "--out", "run")
        out = self.lumos("results", "run").out
        for group in ("noop cold, cache memory, runtime_cache memory\n", "noop cold, cache disk, runtime_cache disk\n", "noop warm\n"):
            self.assertIn(group, out)


class Budget(LumosTest):
    def test_ends_the_run_with_what_was_measured(self):
        begun = time.monotonic()
        self.lumos("run", SMOKE, "--backend", "fake:slow", "--set", "stop.ci=0.01%", "--budget", "1s", "--out", "run", expect=None)
        self.assertLess(time.monotonic() - begun, 20)
        self.assertEqual("budget", self.manifest(self.folder / "run")["end"])
        self.assertGreater(self.count(self.folder / "run"), 5)


if __name__ == "__main__":
    unittest.main()

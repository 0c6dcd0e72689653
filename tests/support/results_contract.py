"""The contract of `results --json` (docs/formats/results.md), key by key."""

import json

FACTORS = {"function", "payload", "runtime", "start", "cache", "runtime_cache", "base", "isa", "wasm_simd", "aot_level", "device", "neighbour", "storage", "connection", "format", "load", "concurrency", "rate", "arrivals", "link_client", "link_registry", "link_storage"}
OUTCOMES = {"ok", "wrong_output", "bad_status", "malformed", "refused", "reset", "timeout", "launch_failed", "not_ready", "no_socket", "storage_failed"}
DERIVED = {
    "sandbox": ("lumos", "native", "native"),
    "runc": ("runc", "native", "native"),
    "crun": ("crun", "native", "native"),
    "wasm-interp": ("crun", "wasmedge", "interpreted"),
    "wasm-aot": ("crun", "wasmedge", "aot"),
}
FEWEST = {"p50": 6, "p95": 59, "p99": 299}
NUMBER = (int, float)


def checks_due(cell):
    """Names of the checks that a cell with samples must carry."""
    start = cell["factors"]["start"]
    due = {"sample_size", "errors", "same_output", start + "_verified" if start else "load_delivered", "phase_residual"}
    code = {"aot": "aot_executed", "interpreted": "interpreter_executed"}.get(cell["derived"]["mode"])
    return due | ({code} if code else set())


def check_results(test, document):
    test.assertEqual(["schema", "run", "cells"], list(document)[:3])
    test.assertEqual(1, document["schema"])
    test.assertIsInstance(document["run"], str)
    test.assertTrue(document["cells"])
    factors = set(document["cells"][0]["factors"])
    test.assertLessEqual(FACTORS, factors)
    points = [json.dumps(cell["factors"], sort_keys=True) for cell in document["cells"]]
    test.assertEqual(len(points), len(set(points)), "two cells at one point")
    for cell in document["cells"]:
        with test.subTest(factors=cell["factors"]):
            test.assertEqual(factors, set(cell["factors"]))
            _check_cell(test, cell)


def _check_cell(test, cell):
    test.assertLessEqual({"factors", "metrics", "outcomes", "checks", "derived"}, set(cell))
    derived = cell["derived"]
    test.assertEqual(DERIVED[cell["factors"]["runtime"]], (derived["launcher"], derived["engine"], derived["mode"]))
    metrics, outcomes = cell["metrics"], cell["outcomes"]
    test.assertLessEqual(set(outcomes), OUTCOMES)
    test.assertIn("ok", outcomes)
    for count in outcomes.values():
        test.assertIsInstance(count, int)
    test.assertEqual(metrics["latency_ms"]["n"], sum(outcomes.values()))
    test.assertEqual(metrics["latency_ok_ms"]["n"], outcomes["ok"])
    failures = metrics["latency_ms"]["n"] - outcomes["ok"]
    _check_latency(test, metrics["latency_ms"], failures)
    _check_latency(test, metrics["latency_ok_ms"], 0)
    for name in ("cpu_ms", "cpu_launch_ms"):
        test.assertIsInstance(metrics[name], (*NUMBER, type(None)), name)
    for name in ("memory_peak_bytes", "image_bytes", "artefact_bytes"):
        test.assertIsInstance(metrics[name], (int, type(None)), name)
    for name in ("phases_ms", "spans_ms"):
        for phase, ms in metrics[name].items():
            test.assertIsInstance(ms, NUMBER, phase)
    test.assertEqual({"p50", "p99"}, set(metrics["residual_ms"]))
    _check_load(test, cell)
    test.assertLessEqual(set(metrics["ratio_to"]), {"runc", "crun"} - {cell["factors"]["runtime"]})
    for ratio in metrics["ratio_to"].values():
        if ratio is not None:
            test.assertIsInstance(ratio["p50"], NUMBER)
            _check_interval(test, ratio["ci"], ratio["p50"])
    _check_checks(test, cell)


def _check_load(test, cell):
    metrics, load = cell["metrics"], cell["metrics"]["load"]
    if cell["factors"]["start"] is not None:
        test.assertEqual((None, None), (metrics["throughput_per_s"], load))
        return
    test.assertEqual(load["requests"], metrics["latency_ms"]["n"])
    test.assertEqual(cell["factors"]["load"] == "open", load["asked_per_s"] is not None)
    if load["requests"]:
        test.assertIsInstance(metrics["throughput_per_s"], NUMBER)
        test.assertIsInstance(load["reached_per_s"], NUMBER)
    test.assertEqual({"cold", "behind", "first", "warm"}, set(load["starts"]))
    test.assertIsInstance(load["saturated"], bool)


def _check_latency(test, latency, failures):
    test.assertEqual({"n", "replicates", "mean", "p50", "p50_ci", "p95", "p95_ci", "p99", "p99_ci"}, set(latency))
    n, replicates = latency["n"], latency["replicates"]
    test.assertIsInstance(n, int)
    test.assertIsInstance(replicates, int)
    test.assertLessEqual(replicates, n)
    for name, fewest in FEWEST.items():
        value, interval = latency[name], latency[name + "_ci"]
        supported = n >= fewest and replicates >= 6
        if not supported:
            test.assertIsNone(interval, f"{name} of {n} samples in {replicates} replicates")
        if failures == 0:
            test.assertEqual(n > 0, value is not None, name)
            test.assertEqual(supported, interval is not None, f"{name} of {n} samples in {replicates} replicates")
        _check_interval(test, interval, value)
    if failures == 0 and n > 0:
        test.assertIsInstance(latency["mean"], NUMBER)
        test.assertTrue(0 < latency["p50"] <= latency["p95"] <= latency["p99"], latency)
    else:
        test.assertIsNone(latency["mean"])


def _check_interval(test, interval, value):
    if interval is None:
        return
    test.assertEqual(2, len(interval))
    lo, hi = interval
    test.assertFalse(lo is None and hi is None)
    if lo is not None and value is not None:
        test.assertLessEqual(lo, value)
    if hi is not None:
        test.assertIsNotNone(value)
        test.assertLessEqual(value, hi)


def _check_checks(test, cell):
    names = [check["name"] for check in cell["checks"]]
    test.assertEqual(len(names), len(set(names)), names)
    test.assertLessEqual(checks_due(cell) if cell["metrics"]["latency_ms"]["n"] else {"sample_size", "errors"}, set(names))
    for check in cell["checks"]:
        test.assertEqual({"name", "status", "detail"}, set(check))
        test.assertIn(check["status"], ("pass", "flag", "fail"))
        test.assertRegex(check["detail"], r"\S.*\.$", check)


def statuses(cell):
    return {check["name"]: check["status"] for check in cell["checks"]}


def cell_of(document, **factors):
    """The one cell with these factors."""
    found = [c for c in document["cells"] if all(c["factors"].get(k) == v for k, v in factors.items())]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} cells with {factors}")
    return found[0]

"""Images of a registry, measured as they are: a real registry on this machine, and what happens when it lacks an image, or is gone."""

import json
import pathlib
import shutil
import socket
import subprocess
import unittest

from lumos_cli import REPO, free_port, wait_until
from lumos_local import LocalTest
from results_contract import statuses


class Pulled(LocalTest):
    FUNCTIONS = ["noop"]

    def setUp(self):
        super().setUp()
        self.registry = f"127.0.0.1:{free_port()}"

    def serve(self):
        """Debian's registry, its store in this test's folder."""
        config = self.folder / "registry.yml"
        config.write_text(f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {self.folder / 'store'}}}}}\n"
                          f"http: {{addr: '{self.registry}'}}\n")
        log = (self.folder / "registry.log").open("w")
        self.addCleanup(log.close)
        server = subprocess.Popen(["docker-registry", "serve", str(config)], stdout=log, stderr=log)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        wait_until(self.listens, "the registry listens")
        return server

    def listens(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", int(self.registry.split(":")[1]))) == 0

    def push(self, name):
        """The native image of noop; its digest."""
        layout = next(pathlib.Path(a["file"]).parent for a in self.artefacts if a["kind"] == "native") / "image"
        subprocess.run(["skopeo", "copy", "--quiet", "--dest-tls-verify=false", f"oci:{layout}:latest", f"docker://{self.registry}/{name}"], check=True)
        return json.loads((layout / "index.json").read_text())["manifests"][0]["digest"]

    def entry(self, name):
        return self.experiment(f"name: pulled\nfunctions: [{{name: mine, image: '{name}', ready: /healthz, request: {{body: '{{}}'}}}}]\n"
                               "runtimes: [crun, runc]\nstop: {min: 2, max: 2, invocations: 3}\ntelemetry: {probes: 0}\n")

    def images(self):
        return sorted(p.name for p in (self.home / "images").glob("[0-9a-f]*"))

    def test_an_image_of_a_registry_is_pulled_once_and_measured_by_its_digest(self):
        server, digest = self.serve(), self.push("lumos/noop:v1")
        before, run = self.look_around(), self.folder / "run"
        self.measure(self.entry(f"docker://{self.registry}/lumos/noop:v1"), "--out", run)
        samples = self.rows(run, "SELECT s.*, d.runtime, d.image_digest FROM samples s JOIN visits v ON v.id = s.visit JOIN cells c ON c.id = v.cell"
                                 " JOIN deployments d ON d.id = c.deployment WHERE s.role = 'measure'")
        self.assertEqual(2 * 2 * (1 + 3), len(samples))
        right = json.loads((REPO / "functions/noop/function.json").read_text())["expected"][0]["digest"]
        self.assertEqual({(r, "ok", right, digest) for r in ("crun", "runc")}, {(s["runtime"], s["outcome"], s["digest"], s["image_digest"]) for s in samples})
        pulled = {"reference": f"{self.registry}/lumos/noop:v1", "digest": digest}
        self.assertEqual([pulled] * 2, [i["pulled"] for i in self.manifest(run)["images"]])
        self.assertIn("skopeo", self.manifest(run)["packages"])
        self.assertEqual({"pass"}, {statuses(c)["same_output"] for c in self.results(run, expect=None)["cells"]})
        self.assertEqual([digest.split(":")[1]], self.images())
        found = self.lumos("functions", "check", f"docker://{self.registry}/lumos/noop:v1", "--json")
        self.assertEqual("language", json.loads(found.out)["topics"][0]["topic"])

        server.kill()
        server.wait()
        self.assert_clean(before, self.tag_of(run))
        shutil.rmtree(run)
        gone = self.entry(f"{self.registry}/lumos/noop:v1")
        self.assert_error(self.lumos("run", gone, "--out", run, expect=None), 3, f"image {self.registry}/lumos/noop:v1: the registry cannot be reached",
                          f"pulled before and still here, no network needed: {self.registry}/lumos/noop@{digest}")
        self.assertFalse(run.exists(), "no run was begun")
        self.measure(self.entry(f"{self.registry}/lumos/noop@{digest}"), "--out", run)
        self.assertEqual(digest, self.manifest(run)["images"][0]["pulled"]["digest"])
        self.assertEqual([digest.split(":")[1]], self.images())

    def test_what_cannot_be_pulled_is_refused_by_name(self):
        self.serve()
        self.push("lumos/noop:v1")
        run = self.folder / "run"
        for name, code, words in [
                (f"{self.registry}/lumos/noop:v2", 3, [f"image {self.registry}/lumos/noop:v2: the registry holds no such image", "manifest unknown"]),
                (f"{self.registry}/lumos/none", 3, [f"image {self.registry}/lumos/none:latest: the registry holds no such image"]),
                (f"127.0.0.1:{free_port()}/lumos/noop", 3, ["the registry cannot be reached", "connection refused"]),
                (f"{self.registry}/lumos/noop@sha256:{'0' * 64}", 3, ["the registry holds no such image"]),
                (f"{self.registry}/Lumos", 2, ["experiment.yaml:2:33: 'image' must be as registry.example/shop:v1: 'Lumos' is no name of an image"]),
                ("noop:v1", 2, ["experiment.yaml:2:33: 'image' must be as", "it begins with no registry"])]:
            self.assert_error(self.lumos("run", self.entry(name), "--out", run, expect=None), code, *words)
            self.assertFalse(run.exists(), "no run was begun")
            self.assertEqual([], self.images(), "nothing half is left")
        self.assertIn("mine", self.lumos("run", self.entry(f"{self.registry}/lumos/none"), "--dry-run").out, "a plan pulls nothing")


if __name__ == "__main__":
    unittest.main()

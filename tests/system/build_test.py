"""`lumos build`: makes what is missing, and nothing twice."""

import hashlib
import json
import pathlib
import resource
import unittest

from lumos_cli import BUILD_PATIENCE_S, HOME, REPO, LumosTest

FUNCTIONS = sorted(p.parent.name for p in (REPO / "functions").glob("*/function.json"))


class Build(LumosTest):
    def test_lists_every_artefact_and_its_image(self):
        self.assert_finding_and_next(self.lumos("build", patience_s=BUILD_PATIENCE_S))
        document = json.loads(self.lumos("build", "--json").out)
        self.assertEqual(1, document["schema"])
        self.assertEqual({(f, kind) for f in FUNCTIONS for kind in ("native", "wasm", "aot")}, {(a["function"], a["kind"]) for a in document["artefacts"]})
        for artefact in document["artefacts"]:
            with self.subTest(artefact["function"] + " " + artefact["kind"]):
                file = pathlib.Path(artefact["file"])
                self.assertEqual(file.stat().st_size, artefact["bytes"])
                inside = pathlib.Path(artefact["root"]) / ("function" if artefact["kind"] == "native" else "function.wasm")
                self.assertEqual(file.read_bytes(), inside.read_bytes(), "what is unpacked is what was built")
                self.check_image(artefact)

    def check_image(self, artefact):
        layout = pathlib.Path(artefact["layout"])
        index = json.loads((layout / "index.json").read_text())
        self.assertEqual([artefact["digest"]], [m["digest"] for m in index["manifests"]])
        blobs = list((layout / "blobs/sha256").iterdir())
        self.assertEqual(artefact["image_bytes"], sum(b.stat().st_size for b in blobs))
        for blob in blobs:
            self.assertEqual(blob.name, hashlib.sha256(blob.read_bytes()).hexdigest())
        self.assertLess(artefact["image_bytes"], artefact["unpacked_bytes"], "layers are compressed")

    def test_a_second_one_builds_nothing(self):
        self.lumos("build", patience_s=BUILD_PATIENCE_S)
        def everything():
            return {p: p.lstat().st_mtime_ns for p in (HOME / "artefacts").rglob("*") if not p.name.startswith(".")}
        before = everything()
        cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.lumos("build")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.assertLess(after.ru_utime + after.ru_stime - cpu.ru_utime - cpu.ru_stime, 2.0)
        self.assertEqual(before, everything())

    def test_a_machine_without_the_tools_says_what_is_missing(self):
        self.environment |= {"PATH": "/nonexistent", "LUMOS_HOME": str(self.folder / "home")}
        self.assert_error(self.lumos("build", expect=None), 3, "dpkg-query")


if __name__ == "__main__":
    unittest.main()

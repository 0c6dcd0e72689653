"""Images: the same sources give the same digests wherever they lie, code for the baseline keeps to it, and a base is shared."""

import hashlib
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import unittest

from lumos_cli import HOME, REPO, LumosTest

EXPERIMENT = """
functions: [noop]
runtimes: [crun, wasm-interp, wasm-aot]
base: [scratch, debian-slim]
wasm_simd: [off, on]
aot_level: [0, 3]
"""
# Compiling from nothing, twice, on a machine that does much else.
PATIENCE_S = 1500


def leb128(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def ahead_of_time_section(module):
    """The content of the custom section `wasmedge`."""
    at = 8
    while at < len(module):
        kind = module[at]
        size, at = leb128(module, at + 1)
        section = module[at:at + size]
        at += size
        if kind == 0:
            length, begin = leb128(section, 0)
            if section[begin:begin + length] == b"wasmedge":
                return section[begin + length:]
    raise AssertionError("no ahead-of-time code")


def machine_code(module):
    """The text section within it: version, system, architecture, two addresses, two lists of addresses, then sections."""
    data, (_, at) = ahead_of_time_section(module), leb128(ahead_of_time_section(module), 0)
    at += 2
    for _ in range(2):
        _, at = leb128(data, at)
    for _ in range(2):
        count, at = leb128(data, at)
        for _ in range(count):
            _, at = leb128(data, at)
    count, at = leb128(data, at)
    for _ in range(count):
        kind, at = data[at], at + 1
        for _ in range(2):
            _, at = leb128(data, at)
        size, at = leb128(data, at)
        if kind == 1:
            return data[at:at + size]
        at += size
    raise AssertionError("no text section")


def tree(root):
    """path → kind, mode, owner, and content or target of everything below it."""
    found = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        content = os.readlink(path) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path.relative_to(root))] = (oct(status.st_mode), status.st_uid, status.st_gid, content)
    return found


class Images(LumosTest):
    def build(self, *arguments):
        process = self.start("build", "--json", *arguments)
        out, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(0, process.returncode, err)
        return json.loads(out)

    def build_in(self, place):
        """Sources, home and cargo's target of its own; of the usual home only the crates, so that nothing is downloaded."""
        home = self.folder / place / "home"
        shutil.copytree(REPO / "functions", self.folder / place / "functions", ignore=shutil.ignore_patterns("target"))
        shutil.copytree(REPO / "profiles", self.folder / place / "profiles")
        shutil.copytree(HOME / "cargo" / "registry", home / "cargo" / "registry", symlinks=True)
        self.environment |= {"LUMOS_REPO": str(self.folder / place), "LUMOS_HOME": str(home)}
        return self.build("--experiment", str(self.experiment(EXPERIMENT)))

    def test_the_same_sources_give_the_same_digests_in_two_folders(self):
        one = self.build("--experiment", str(self.experiment(EXPERIMENT)))
        two = self.build_in("another/place of more depth")
        digests = [{(a["kind"], a["base"], a["isa"], a["wasm_simd"], a["aot_level"]): a["digest"] for a in b["artefacts"]} for b in (one, two)]
        self.assertEqual(2 + 2 + 4, len(digests[0]))
        self.assertEqual(digests[0], digests[1])
        self.assertEqual(len(digests[0]), len(set(digests[0].values())), "every factor changes what is built")
        self.assertEqual(one["base"]["digest"], two["base"]["digest"])

    @unittest.skipUnless(platform.machine() == "x86_64", "knows the instructions of x86-64 alone")
    def test_ahead_of_time_code_for_the_baseline_keeps_to_it(self):
        built = self.build("--experiment", str(self.experiment(
            "functions: [noop, fibonacci]\nruntimes: [wasm-aot]\nisa: [baseline, native]\naot_level: [2, 3]\n")))
        seen = {"baseline": set(), "native": set()}
        for artefact in built["artefacts"]:
            code = self.folder / "code"
            code.write_bytes(machine_code(pathlib.Path(artefact["file"]).read_bytes()))
            listing = subprocess.run(["objdump", "-D", "-b", "binary", "-m", "i386:x86-64", str(code)], check=True, capture_output=True, text=True).stdout
            seen[artefact["isa"]] |= {line.split("\t")[2].split()[0] for line in listing.splitlines() if line.count("\t") >= 2}
        # VEX and EVEX (AVX and what came with it), BMI, ADX. `tzcnt` is `rep bsf` to processors that do not have it.
        beyond = re.compile(r"v[a-z]|mulx|sh[lr]x|sarx|rorx|andn$|lzcnt|bls|bextr|pdep|pext$|movbe|adcx|adox")
        self.assertEqual(set(), {m for m in seen["baseline"] if beyond.match(m)})
        self.assertGreater(len(seen["baseline"]), 50, "not disassembled")
        if re.search(r"^flags.*\bavx2\b", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE):
            self.assertTrue({m for m in seen["native"] if beyond.match(m)}, "this processor's own instructions were not used")

    def test_what_is_unpacked_is_the_image(self):
        for artefact in self.build()["artefacts"]:
            with self.subTest(artefact["digest"]):
                bundle = self.folder / artefact["digest"][-16:]
                subprocess.run(["umoci", "unpack", "--image", artefact["layout"] + ":latest", str(bundle)], check=True, capture_output=True)
                self.assertEqual(tree(bundle / "rootfs"), tree(pathlib.Path(artefact["root"])))
                shutil.rmtree(bundle)

    def test_images_on_a_base_share_its_layer(self):
        built = self.build()
        base = built["base"]
        layers = set()
        for artefact in (a for a in built["artefacts"] if a["base"] == "debian-slim"):
            blobs = {p.name: p.stat().st_size for p in (pathlib.Path(artefact["layout"]) / "blobs" / "sha256").iterdir()}
            index = json.loads((pathlib.Path(artefact["layout"]) / "index.json").read_text())
            manifest = json.loads((pathlib.Path(artefact["layout"]) / "blobs" / index["manifests"][0]["digest"].replace(":", "/")).read_text())
            self.assertEqual(2, len(manifest["layers"]))
            layers.add(manifest["layers"][0]["digest"])
            self.assertEqual(base["layer_bytes"], manifest["layers"][0]["size"])
            self.assertEqual(sum(blobs.values()) - base["layer_bytes"], artefact["unique_bytes"])
        self.assertEqual(1, len(layers))
        self.assertEqual("", subprocess.run(["dpkg-query", "--root", base["root"], "--verify"], check=False, capture_output=True, text=True).stdout)

    def test_the_userland_of_the_base_works(self):
        """In a copy, with nothing mounted: what is executed may write to /dev/null."""
        root = self.folder / "rootfs"
        subprocess.run(["cp", "--archive", self.build()["base"]["root"], str(root)], check=True)
        said = subprocess.run(["chroot", str(root), "/bin/bash", "-c", "ls / | wc -l; grep ^VERSION_ID /etc/os-release; dpkg -l | tail -n 1; tar --version | head -n 1; id -nu"],
                              check=True, capture_output=True, text=True).stdout
        for word in ("VERSION_ID=\"13\"", "ii  zlib1g", "tar (GNU tar)", "root"):
            self.assertIn(word, said)

    def test_a_node_is_the_files_of_its_packages(self):
        nodes = {n["runtime"]: n for n in self.build()["nodes"]}
        self.assertEqual(0, nodes["sandbox"]["bytes"])
        self.assertEqual({"runc"}, {p["package"] for p in nodes["runc"]["packages"]} & {"runc", "crun"})
        names = [p["package"] for p in nodes["wasm-aot"]["packages"]]
        for name in ("crun", "libwasmedge0", "libllvm19"):
            self.assertIn(name, names)
        for package in nodes["wasm-aot"]["packages"]:
            listed = subprocess.run(["dpkg-query", "-L", package["package"]], check=True, capture_output=True, text=True).stdout.splitlines()
            files = [pathlib.Path(line) for line in listed if pathlib.Path(line).is_file() and not pathlib.Path(line).is_symlink()]
            self.assertEqual(sum({f.stat().st_ino: f.stat().st_size for f in files}.values()), package["bytes"], package)


if __name__ == "__main__":
    unittest.main()

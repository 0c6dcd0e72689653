#!/usr/bin/env python3
"""The layers of docs/navigating.md, checked: who may include whom, no include cycles, no grab-bag names, no folder without a paragraph.

tests/layers_test.py [REPO]
"""

import pathlib
import re
import sys
import tempfile
import unittest

REPO = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 else __file__).resolve()
if REPO.is_file():
    REPO = REPO.parents[1]

# A folder may include itself and those of the ranks above its own; never another of its own rank.
RANKS = [
    {"base"},
    {"record"},
    {"stats", "workload", "policy", "host", "http"},
    {"telemetry", "queueing"},
    {"control", "model"},
    {"sim"},
    {"analysis"},
    {"report"},
    {"cli"},
]
# Inside control: what each folder may include beside itself.
CONTROL = {
    "build": set(),
    "runtime": set(),
    "backend": {"build", "runtime"},
    "gateway": {"build", "runtime", "backend"},
    "environment": set(),
    "load": set(),
    "contract": {"build", "runtime", "backend"},
    "experiment": {"build", "runtime", "backend", "gateway", "environment", "load"},
}
RANK = {folder: rank for rank, folders in enumerate(RANKS) for folder in folders}
GRAB_BAGS = {"util", "utils", "helper", "helpers", "manager", "managers", "impl"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.MULTILINE)


def sources(repo):
    return sorted(p for p in (repo / "src").rglob("*") if p.suffix in {".h", ".cc"})


def forbidden(source, target):
    """Why SOURCE may not include TARGET (both relative to src/, as parts), or None."""
    ours, theirs = source[0], target[0]
    if theirs not in RANK:
        return f"{theirs}/ is no layer"
    if ours != theirs:
        return None if RANK[theirs] < RANK[ours] else f"{ours}/ may not use {theirs}/"
    if ours == "control" and source[1] != target[1] and target[1] not in CONTROL[source[1]]:
        return f"control/{source[1]}/ may not use control/{target[1]}/"
    return None


def check(repo):
    """Every violation in the tree, a line each."""
    src, found, graph = repo / "src", [], {}
    for path in sources(repo):
        name = path.relative_to(src)
        if len(name.parts) > 1 and name.parts[0] not in RANK:
            found.append(f"src/{name}: {name.parts[0]}/ is no layer")
            continue
        if name.parts[0] == "control" and name.parts[1] not in CONTROL:
            found.append(f"src/{name}: control/{name.parts[1]} is no folder of the table")
            continue
        graph[str(name)] = []
        for include in INCLUDE.findall(path.read_text(encoding="utf-8", errors="replace")):
            target = pathlib.PurePosixPath(include)
            if target.parts[0] == "tests":
                if not name.name.endswith("_test.cc"):
                    found.append(f"src/{name}: only tests may include {include}")
            elif not (src / include).is_file():
                found.append(f"src/{name}: {include} is not in src/ (write the path from src/)")
            else:
                graph[str(name)].append(include)
                why = forbidden(name.parts, target.parts) if len(name.parts) > 1 else None
                if why:
                    found.append(f"src/{name}: includes {include}, but {why}")
    found += [f"include cycle: {' → '.join(cycle)}" for cycle in cycles(graph)]
    for path in sorted(src.rglob("*")):
        if GRAB_BAGS & set(re.split(r"[_.]", path.name.lower())):
            found.append(f"src/{path.relative_to(src)}: a name that says nothing")
    return found + unnamed(repo)


def cycles(graph):
    found, state, trail = [], {}, []

    def visit(node):
        state[node] = "open"
        trail.append(node)
        for target in graph.get(node, ()):
            if state.get(target) == "open":
                found.append(trail[trail.index(target):] + [target])
            elif target not in state:
                visit(target)
        trail.pop()
        state[node] = "done"

    for node in graph:
        if node not in state:
            visit(node)
    return found


def unnamed(repo):
    """Folders of src/ that docs/navigating.md does not name; asked for once there is a command line to navigate from."""
    guide = repo / "docs" / "navigating.md"
    if not guide.is_file():
        return ["docs/navigating.md is missing"] if (repo / "src" / "cli").is_dir() else []
    text = guide.read_text(encoding="utf-8")
    folders = sorted({str(p.parent.relative_to(repo)) for p in sources(repo)} - {"src"})
    return [f"docs/navigating.md does not name {f}/" for f in folders if not re.search(re.escape(f) + r"(?![\w-])", text)]


class ThisTree(unittest.TestCase):
    def test_keeps_its_layers(self):
        self.assertTrue(sources(REPO), f"no sources in {REPO}")
        self.assertEqual("", "\n".join(check(REPO)))


class PlantedViolations(unittest.TestCase):
    def violations(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return check(pathlib.Path(folder))

    def assert_found(self, part, files):
        found = self.violations(files)
        self.assertTrue(any(part in line for line in found), f"{part!r} not among {found}")

    def test_a_clean_tree_passes(self):
        self.assertEqual([], self.violations({
            "src/base/a.h": "", "src/record/b.h": '#include "base/a.h"\n#include <vector>\n',
            "src/control/gateway/g.cc": '#include "control/backend/c.h"\n#include "record/b.h"\n', "src/control/backend/c.h": "",
            "src/base/a_test.cc": '#include "tests/support/t.h"\n', "src/main.cc": '#include "record/b.h"\n'}))

    def test_a_lower_layer_using_a_higher_one(self):
        self.assert_found("base/ may not use record/", {"src/base/a.h": '#include "record/b.h"\n', "src/record/b.h": ""})

    def test_two_of_the_same_rank(self):
        self.assert_found("stats/ may not use policy/", {"src/stats/a.h": ' # include "policy/b.h"\n', "src/policy/b.h": ""})

    def test_the_order_inside_control(self):
        self.assert_found("control/load/ may not use control/backend/",
                          {"src/control/load/a.cc": '#include "control/backend/b.h"\n', "src/control/backend/b.h": ""})
        self.assert_found("control/backend/ may not use control/gateway/",
                          {"src/control/backend/a.cc": '#include "control/gateway/b.h"\n', "src/control/gateway/b.h": ""})

    def test_folders_outside_the_table(self):
        self.assert_found("common/ is no layer", {"src/common/a.h": ""})
        self.assert_found("control/misc is no folder", {"src/control/misc/a.h": ""})

    def test_a_path_not_from_src(self):
        self.assert_found("is not in src/", {"src/base/a.cc": '#include "a.h"\n', "src/base/a.h": ""})

    def test_the_tool_using_test_support(self):
        self.assert_found("only tests may include", {"src/base/a.cc": '#include "tests/support/t.h"\n'})

    def test_a_cycle(self):
        self.assert_found("base/a.h → base/b.h → base/a.h", {"src/base/a.h": '#include "base/b.h"\n', "src/base/b.h": '#include "base/a.h"\n'})

    def test_a_name_that_says_nothing(self):
        self.assert_found("src/base/string_util.h", {"src/base/string_util.h": ""})
        self.assert_found("src/base/helpers", {"src/base/helpers/a.h": ""})

    def test_the_guide(self):
        self.assert_found("docs/navigating.md is missing", {"src/cli/a.cc": ""})
        self.assert_found("does not name src/cli/", {"src/cli/a.cc": "", "docs/navigating.md": "src/client/ is another"})
        self.assertEqual([], self.violations({"src/cli/a.cc": "", "docs/navigating.md": "`src/cli/` is the command line"}))


if __name__ == "__main__":
    unittest.main()

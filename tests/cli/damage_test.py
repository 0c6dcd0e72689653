"""Folders that cannot be written, disks that are full, files that are not what they should be: a clear error, and nothing lost."""

import json
import pathlib
import shutil
import sqlite3
import unittest

from lumos_cli import REPO, LumosTest, may_mount, wait_until

SMALL = "name: small\nfunctions: [noop]\nruntimes: [crun]\nstop: {min: 20, max: 20}\n"
# Runs the rest of the words in a mount namespace of its own, where the first is a tmpfs with the options of the second.
ON_TMPFS = ["unshare", "--mount", "--propagation", "private", "sh", "-c", 'mount -t tmpfs -o "$2" tmpfs "$1" && shift 2 && exec "$@"', "sh"]


class Folders(LumosTest):
    @unittest.skipUnless(may_mount(), "needs root: a read-only mount")
    def test_a_read_only_runs_folder(self):
        self.runs.mkdir()
        ended = self.lumos("run", self.experiment(SMALL), "--backend", "fake", prefix=[*ON_TMPFS, self.runs, "ro"], expect=None)
        self.assert_error(ended, 3, str(self.runs), "Read-only file system")

    def test_a_runs_folder_below_a_file(self):
        file = self.folder / "file"
        file.write_text("")
        self.environment["LUMOS_RUNS"] = str(file / "runs")
        self.assert_error(self.lumos("run", self.experiment(SMALL), "--backend", "fake", expect=None), 3, str(file / "runs"), "Not a directory")
        ended = self.lumos("run", self.experiment(SMALL), "--backend", "fake", "--out", file / "run", expect=None)
        self.assert_error(ended, 3, str(file / "run"))

    def test_out_that_is_a_file(self):
        file = self.experiment("", "file")
        self.assert_error(self.lumos("run", self.experiment(SMALL), "--backend", "fake", "--out", file, expect=None), 3, str(file))


@unittest.skipUnless(may_mount(), "needs root: a small tmpfs")
class FullDisk(LumosTest):
    def test_is_named_and_what_was_committed_stays_readable(self):
        disk, kept = self.folder / "disk", self.folder / "kept"
        disk.mkdir()
        # The disk goes with the namespace: a copy of it is kept.
        script = 'disk=$1 to=$3; mount -t tmpfs -o "size=$2" tmpfs "$disk" && shift 3 && { "$@"; code=$?; cp -r "$disk" "$to"; exit $code; }'
        for size in ("128k", "192k", "600k"):
            with self.subTest(size=size):
                shutil.rmtree(kept, ignore_errors=True)
                ended = self.lumos("run", self.experiment(SMALL.replace("20", "3000")), "--backend", "fake", "--out", disk / "run", expect=None,
                                   prefix=["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", disk, size, kept])
                message = self.assert_error(ended, 3, str(disk / "run"))
                self.assertRegex(message, "full|No space left")
                if "--resume" not in message:
                    continue  # full before anything was measured
                self.results(kept / "run", expect=None)
                self.assertGreater(self.count(kept / "run"), 0)
                self.assertEqual("ok", self.rows(kept / "run", "PRAGMA integrity_check")[0][0])
        self.assertIn("--resume", message, "the largest disk took some samples")
        self.assertGreater(self.count(kept / "run"), 50)
        # On a disk with room it goes on.
        before = [tuple(r) for r in self.rows(kept / "run", "SELECT * FROM samples ORDER BY id")]
        self.lumos("run", "--resume", kept / "run", "--backend", "fake")
        self.assertEqual(before, [tuple(r) for r in self.rows(kept / "run", "SELECT * FROM samples ORDER BY id")][:len(before)])


class Files(LumosTest):
    def setUp(self):
        super().setUp()
        self.run_folder = self.runs / "run"
        self.lumos("run", self.experiment(SMALL), "--backend", "fake", "--out", self.run_folder)
        self.store = self.run_folder / "run.sqlite"
        with sqlite3.connect(self.store) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        self.bytes = self.store.read_bytes()

    def replace_store(self, content):
        for file in self.run_folder.glob("run.sqlite*"):
            file.unlink()
        self.store.write_bytes(content)

    def refused(self, *words):
        for arguments in (["results", "run"], ["results", self.run_folder, "--json"], ["run", "--resume", "run", "--backend", "fake"]):
            self.assert_error(self.lumos(*arguments, expect=None), 2, str(self.store), *words)

    def test_a_truncated_store(self):
        size = len(self.bytes)
        for length in (0, 1, 15, 16, 99, 100, 1000, 4096, size // 4, size // 2, size - 4096, size - 1):
            with self.subTest(length=length):
                self.replace_store(self.bytes[:length])
                self.refused()
        for length in range(0, size, size // 40 + 7):
            self.replace_store(self.bytes[:length])
            self.assert_error(self.lumos("results", "run", expect=None), 2, str(self.store))

    def test_a_store_that_is_none(self):
        for content in (b"not a database\n" * 500, b"\0" * 8192, bytes(range(256)) * 64, b"SQLite format 3\0" + b"\xff" * 5000):
            self.replace_store(content)
            self.refused()
        self.replace_store(b"")
        with sqlite3.connect(self.store) as database:
            database.execute("CREATE TABLE other(x)")
        database.close()
        self.refused("not a run")

    def test_a_store_with_a_page_of_garbage_never_crashes(self):
        for page in range(1, len(self.bytes) // 4096):
            self.replace_store(self.bytes[:page * 4096] + b"\xa5" * 4096 + self.bytes[(page + 1) * 4096:])
            ended = self.lumos("results", "run", expect=None)
            self.assertIn(ended.code, (0, 1, 2), str(ended))

    def change(self, *statements):
        with sqlite3.connect(self.store) as database:
            for statement in statements:
                database.execute(statement)
        database.close()

    def test_a_run_of_another_schema(self):
        schema = int(self.rows(self.run_folder, "SELECT value FROM meta WHERE key = 'schema'")[0][0])
        for other, word in ((schema + 1, "newer"), (schema - 1, "older"), (99, "newer")):
            self.replace_store(self.bytes)
            self.change(f"UPDATE meta SET value = '{other}' WHERE key = 'schema'")
            self.refused(f"a {word} Lumos" if word == "newer" else f"an {word} Lumos", f"schema {other}", f"this one reads schema {schema}", "manifest.json")
        for none in ("", "x", "3 or so", "0", "99999999999999999999"):
            self.replace_store(self.bytes)
            self.change(f"UPDATE meta SET value = '{none}' WHERE key = 'schema'")
            self.refused("not a run")

    def test_a_store_with_other_tables(self):
        for change in (["ALTER TABLE samples ADD COLUMN more INTEGER"], ["ALTER TABLE visits DROP COLUMN elapsed_ns"], ["DROP TABLE series"],
                       ["DROP TABLE events", "CREATE VIEW events AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, i AS kind, i AS detail FROM n"],
                       ["CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM samples; END"]):
            with self.subTest(change):
                self.replace_store(self.bytes)
                self.change(*change)
                self.refused("its tables are not those of schema")

    def test_a_damaged_plan(self):
        for change in ("UPDATE meta SET value = '{' WHERE key = 'stop'", "UPDATE meta SET value = 'x' WHERE key = 'seed'",
                       "UPDATE cells SET factors = 'x'", "UPDATE deployments SET traits = ''"):
            with self.subTest(change):
                self.replace_store(self.bytes)
                with sqlite3.connect(self.store) as database:
                    database.execute(change)
                database.close()
                self.refused()

    def test_rows_that_no_cell_knows_are_ignored(self):
        before = self.lumos("results", "run", "--json").out
        with sqlite3.connect(self.store) as database:
            database.execute("INSERT INTO visits(id, cell, round, finished) VALUES(999, 999, 0, 1)")
            database.execute("UPDATE samples SET visit = 998 WHERE id = 1")
        database.close()
        self.assertNotEqual(before, self.lumos("results", "run", "--json", expect=None).out)

    def test_a_manifest_that_is_none(self):
        (self.run_folder / "manifest.json").write_text("{")
        self.assert_error(self.lumos("results", "run", expect=None), 2, "manifest.json")
        (self.run_folder / "manifest.json").unlink()
        self.results(self.run_folder)

    def test_a_run_that_was_killed_while_its_store_was_closed(self):
        """What had begun to be written, with a journal to undo it, is undone."""
        before, store = self.results(self.run_folder)["cells"], self.folder / "killed" / "run.sqlite"
        shutil.copytree(self.run_folder, store.parent)
        writer = sqlite3.connect(self.run_folder / "run.sqlite", isolation_level=None)
        writer.executescript("PRAGMA cache_size = 1; BEGIN; UPDATE samples SET outcome = 'timeout', digest = hex(randomblob(500))")
        for file in (store, store.with_name("run.sqlite-journal")):
            shutil.copy(self.run_folder / file.name, file)
        self.assertGreater(store.with_name("run.sqlite-journal").stat().st_size, 4096)
        writer.execute("ROLLBACK")
        writer.close()
        self.assertEqual(before, self.results(store.parent)["cells"])

    def test_a_moved_run_is_the_same_run(self):
        before = self.results(self.run_folder)["cells"]
        moved = self.folder / "elsewhere" / "päth with spaces"
        moved.parent.mkdir()
        self.run_folder.rename(moved)
        self.assertEqual(before, self.results(moved)["cells"])


@unittest.skipUnless(may_mount(), "needs root: a read-only mount")
class ReadOnly(LumosTest):
    """What lies where nothing may be written can be read, whole; it cannot be gone on with, and says so."""

    READ_ONLY = ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"', "sh"]

    def setUp(self):
        super().setUp()
        self.copy = self.folder / "copy"

    def read_only(self, *arguments, expect=0):
        return self.lumos(*arguments, expect=expect, prefix=[*self.READ_ONLY, self.copy])

    def killed_run(self):
        """A run that was killed in its midst: its last commits are in the log alone."""
        run = self.folder / "killed"
        process = self.start("run", self.experiment(SMALL.replace("20", "2000")), "--backend", "fake:slow", "--out", run)
        wait_until(lambda: process.poll() is not None or self.count(run) > 30, "30 samples")
        process.kill()
        process.wait()
        self.assertGreater((run / "run.sqlite-wal").stat().st_size, 0)
        return run

    def assert_readable(self, original):
        expected = json.loads(self.lumos("results", original, "--json", expect=None).out)
        ended = self.read_only("results", self.copy, "--json", expect=None)
        self.assertIn(ended.code, (0, 1), str(ended))
        self.assertEqual(expected["cells"], json.loads(ended.out)["cells"])
        self.assertGreater(sum(cell["metrics"]["latency_ms"]["n"] for cell in expected["cells"]), 30)

    def test_a_run_that_was_closed(self):
        run = self.runs / "run"
        self.lumos("run", self.experiment(SMALL), "--backend", "fake", "--out", run)
        shutil.copytree(run, self.copy)
        before = sorted(p.name for p in self.copy.iterdir())
        self.assert_readable(run)
        self.assertEqual(before, sorted(p.name for p in self.copy.iterdir()))
        message = self.assert_error(self.read_only("run", "--resume", self.copy, "--backend", "fake", expect=None), 3, str(self.copy))
        self.assertRegex(message, "readonly|read-only|Read-only")

    def test_a_run_that_was_killed_with_and_without_the_index_of_its_log(self):
        run = self.killed_run()
        for index in (True, False):
            with self.subTest(index=index):
                shutil.rmtree(self.copy, ignore_errors=True)
                shutil.copytree(run, self.copy)
                if not index:
                    (self.copy / "run.sqlite-shm").unlink(missing_ok=True)
                samples = self.count(run)
                self.assert_readable(run)
                self.assertGreater(samples, 30)

    def test_a_run_that_was_killed_and_lost_its_log_is_read_to_where_it_was_written(self):
        run = self.killed_run()
        shutil.copytree(run, self.copy)
        for suffix in ("-wal", "-shm"):
            (self.copy / f"run.sqlite{suffix}").unlink(missing_ok=True)
        ended = self.read_only("results", self.copy, expect=None)  # nothing may have been written into the file itself yet
        self.assertIn(ended.code, (0, 1, 2), str(ended))

    def test_a_copy_in_a_folder_of_an_odd_name(self):
        run = self.killed_run()
        self.copy = self.folder / "50 %? #1 ü"
        shutil.copytree(run, self.copy)
        (self.copy / "run.sqlite-shm").unlink(missing_ok=True)
        self.assert_readable(run)


class FewDescriptors(LumosTest):
    def test_is_an_error_that_names_what_could_not_be_opened_and_loses_nothing(self):
        run = self.folder / "run"
        self.lumos("run", self.experiment(SMALL), "--backend", "fake", "--out", run)
        expected = self.lumos("results", run, "--json").out
        refused = 0
        for limit in range(3, 24):
            prefix = ["prlimit", f"--nofile={limit}"]
            if self.lumos("--version", prefix=prefix, expect=None).code != 0:
                continue  # not even its libraries can be loaded
            with self.subTest(limit=limit):
                ended = self.lumos("results", run, "--json", prefix=prefix, expect=None)
                if ended.code == 0:
                    self.assertEqual(expected, ended.out)
                else:
                    self.assert_error(ended, 3, str(run))
                out = self.folder / f"run{limit}"
                ended = self.lumos("run", self.experiment(SMALL), "--backend", "fake", "--out", out, prefix=prefix, expect=None)
                if ended.code != 0:
                    refused += 1
                    self.assert_error(ended, 3, "/")
                    self.assertEqual("--resume" in ended.err, out.exists(), "a run that could not begin leaves no folder")
                    if out.exists():
                        self.lumos("run", "--resume", out, "--backend", "fake")
        self.assertGreater(refused, 1, "no limit was low enough to show anything")


class SameSecond(LumosTest):
    def test_runs_of_one_name_have_a_folder_each(self):
        """A second has room for several: the time in a folder's name alone would make two runs one."""
        path = self.experiment(SMALL)
        processes = [self.start("run", path, "--backend", "fake") for _ in range(8)]
        folders = set()
        for process in processes:
            ended = self.finish(process)
            folders.add(pathlib.Path(ended.out.split("The run is in ")[1].splitlines()[0]))
        self.assertEqual(8, len(folders))
        self.assertEqual(folders, {p for p in self.runs.iterdir()})
        self.assertLess(len({p.name[:16] for p in folders}), 8, "no two of them began in the same second")
        for folder in folders:
            self.assertEqual("ok", self.rows(folder, "PRAGMA integrity_check")[0][0])
            self.assertEqual(1, len(self.results(folder)["cells"][0]["factors"]["runtime"].split()))

    def test_two_into_one_folder_are_one_run_and_one_refusal(self):
        path, out = self.experiment(SMALL), self.folder / "one"
        endings = [self.finish(process, None) for process in [self.start("run", path, "--backend", "fake", "--out", out) for _ in range(6)]]
        codes = sorted(ended.code for ended in endings)
        self.assertEqual([0] + [2] * 5, codes, "\n".join(map(str, endings)))
        for ended in endings:
            if ended.code == 2:
                self.assert_error(ended, 2, str(out))
        self.results(out)


class Repository(LumosTest):
    def test_without_functions(self):
        self.environment["LUMOS_REPO"] = str(self.folder)
        self.assert_error(self.lumos("functions", "list", expect=None), 3, str(self.folder))

    def test_with_a_broken_function(self):
        repo = self.folder / "repo"
        shutil.copytree(REPO / "functions" / "noop", repo / "functions" / "noop")
        self.environment["LUMOS_REPO"] = str(repo)
        self.lumos("functions", "list")
        (repo / "functions" / "noop" / "function.json").write_text('{"schema": 1, "name": "noop",')
        self.assert_error(self.lumos("run", self.experiment(SMALL), "--backend", "fake", expect=None), 2, "noop", "function.json")


if __name__ == "__main__":
    unittest.main()

"""Folders that cannot be written, disks that are full, files that are not what they should be: a clear error, and nothing lost."""

import shutil
import sqlite3
import unittest

from lumos_cli import REPO, LumosTest, may_mount

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
        for size in ("96k", "192k", "600k"):
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

    def test_a_run_of_a_newer_program(self):
        with sqlite3.connect(self.store) as database:
            database.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
        database.close()
        self.refused("schema 99")

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

    def test_a_moved_run_is_the_same_run(self):
        before = self.results(self.run_folder)["cells"]
        moved = self.folder / "elsewhere" / "päth with spaces"
        moved.parent.mkdir()
        self.run_folder.rename(moved)
        self.assertEqual(before, self.results(moved)["cells"])


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

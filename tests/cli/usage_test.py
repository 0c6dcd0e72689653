"""How the tool answers when it is asked wrongly, or for help."""

import json
import unittest

from lumos_cli import REPO, LumosTest

VERBS = ["doctor", "calibrate", "demo", "functions", "build", "run", "up", "load", "capacity", "results"]


class Help(LumosTest):
    def test_every_verb_is_listed_and_has_help(self):
        overview = self.lumos("--help").out
        self.assertEqual(overview, self.lumos().out)
        self.assertIn("Exit codes: 0 ok, 1 ", overview)
        for verb in VERBS:
            self.assertRegex(overview, rf"(?m)^  {verb}  ")
            text = self.lumos(verb, "--help").out
            self.assertIn(f"lumos {verb} [OPTIONS]", text)
            self.assertEqual(text, self.lumos(verb, "-h").out)
        for verb in ("list", "show"):
            self.assertIn(f"lumos functions {verb} [OPTIONS]", self.lumos("functions", verb, "--help").out)

    def test_the_list_of_verbs_here_is_whole(self):
        listed = [line.split()[0] for line in self.lumos("--help").out.split("Subcommands:")[1].split("\n\n")[0].splitlines() if line.strip()]
        self.assertEqual(sorted(VERBS), sorted(listed))

    def test_the_help_in_the_docs_is_what_is_printed(self):
        self.assertEqual((REPO / "docs/help.txt").read_text(), self.lumos("--help").out, "CONTRIBUTING.md, Generated text")

    def test_version(self):
        self.assertRegex(self.lumos("--version").out, r"^lumos \d+\.\d+\.\d+\n$")

    def test_options_of_the_contract(self):
        text = self.lumos("run", "--help").out
        for option in ("--out", "--resume", "--set", "--budget", "--backend", "--dry-run"):
            self.assertIn(option, text)
        self.assertIn("--json", self.lumos("results", "--help").out)


class WrongUsage(LumosTest):
    def refused(self, *arguments, words=()):
        message = self.assert_error(self.lumos(*arguments, expect=None), 2, *words)
        self.assertFalse(self.runs.exists(), "something was made")
        return message

    def test_unknown_verbs(self):
        self.refused("teapot", words=["'teapot'"])
        self.refused("resluts", words=["'resluts'", "did you mean 'results'?"])
        self.refused("functions", "lst", words=["'lst'", "did you mean 'list'?"])
        self.refused("functions")

    def test_unknown_options(self):
        self.refused("run", "--dry-rn", words=["'--dry-rn'", "did you mean '--dry-run'?"])
        self.refused("results", "--jsn", words=["'--jsn'", "did you mean '--json'?"])
        self.refused("--teapot", words=["--teapot"])

    def test_missing_and_surplus_arguments(self):
        self.refused("run", words=["experiment file"])
        self.refused("run", "--budget", words=["--budget"])
        self.refused("run", "a.yaml", "b.yaml", words=["b.yaml"])
        self.refused("functions", "show", words=["name"])
        self.refused("run", REPO / "experiments/smoke.yaml", "--resume", "latest")
        for more in (["--out", "x"], ["--set", "seed=1"], ["--budget", "1m"]):
            self.refused("run", "--resume", "latest", *more, words=["--resume"])

    def test_files_that_are_none(self):
        self.refused("run", "nofile.yaml", words=["nofile.yaml", "No such file"])
        self.refused("run", self.folder, words=[str(self.folder)])
        self.refused("run", "/dev/zero", words=["/dev/zero"])

    def test_an_unknown_backend_measures_nothing(self):
        for backend, nearest in (("fak", "fake"), ("lokal", "local"), ("fake:slo", "fake:slow"), ("", ""), ("knative", "")):
            message = self.refused("run", REPO / "experiments/smoke.yaml", "--backend", backend, words=["--backend", "fake"])
            if nearest:
                self.assertIn(f"did you mean '{nearest}'?", message)
        self.refused("demo", "--backend", "fak", words=["--backend"])

    def test_a_missing_run(self):
        self.refused("results", words=["no run", str(self.runs)])
        self.refused("results", "latest", words=["no run"])
        self.refused("results", "nope", words=["'nope'", str(self.runs)])
        self.refused("run", "--resume", "nope", words=["'nope'"])
        self.lumos("run", REPO / "experiments/smoke.yaml", "--backend", "fake", "--set", "stop.max=6", "--out", self.runs / "smoke")
        self.assert_error(self.lumos("results", "smok", expect=None), 2, "'smok'", "did you mean 'smoke'?")

    def test_an_unknown_function(self):
        self.refused("functions", "show", "fibonaci", words=["'fibonaci'", "did you mean 'fibonacci'?"])

    def test_started_without_the_door(self):
        for name in ("LUMOS_REPO", "LUMOS_HOME"):
            kept = self.environment.pop(name)
            ended = self.lumos("results", expect=3)
            self.environment[name] = kept
            self.assert_error(ended, 3, "LUMOS_REPO", "./lumos")


class EveryVerb(LumosTest):
    def test_ends_with_what_was_found_and_the_next_step(self):
        smoke = REPO / "experiments/smoke.yaml"
        for arguments in (["functions", "list"], ["functions", "show", "noop"], ["run", smoke, "--dry-run"],
                          ["run", smoke, "--backend", "fake", "--set", "stop.max=6"], ["results"], ["demo", "--backend", "fake"]):
            with self.subTest(arguments=arguments):
                self.assert_finding_and_next(self.lumos(*arguments))

    def test_that_reads_takes_json(self):
        for arguments in (["functions", "list"], ["functions", "show", "fibonacci"]):
            self.assertEqual(1, json.loads(self.lumos(*arguments, "--json").out)["schema"])

    def test_a_next_step_that_is_a_command_works(self):
        ended = self.lumos("run", REPO / "experiments/smoke.yaml", "--backend", "fake", "--set", "stop.max=6")
        ended = self.lumos(*self.next_command(ended))
        self.lumos(*self.next_command(ended), expect=None)
        self.assertIn("noop", self.lumos(*self.next_command(self.lumos("functions", "list"))).out + "noop")


if __name__ == "__main__":
    unittest.main()

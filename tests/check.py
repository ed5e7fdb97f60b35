#!/usr/bin/python3
"""Runs all of tern's tests; from ./bootstrap check, which has installed what they need and built build/tern.

    ./bootstrap check [--only unit,tsan,fuzz,scripts,server] [--seconds 60] [-k EXPRESSION] [--jobs N]

    unit      the cmocka programs, with AddressSanitizer and UndefinedBehaviorSanitizer (build-check/)
    tsan      those of them that have threads, and pytest's marked `threads`, with ThreadSanitizer (build-tsan/)
    fuzz      every fuzz target (clang, build-fuzz/), sharing --seconds; seeds from tests/fuzz/corpus/NAME
    scripts   tests/layers.sh, and tests/sizes.sh for the eye
    server    pytest over tests/server, tests/tui, tests/hostile, with build-check's tern; those marked `alone` (their
              times matter) afterwards, one by one, with build/tern

What fails is shown where it fails and named again at the end. A test with a server or a screen that failed only because
something did not come in time is run once more with nothing beside it, since the machine may have been busy; what then
passes is named as `late`, and is to be looked into. A wrong result, a sanitizer's word, or more than a few of them are never
tried again. A skipped test counts as failed, unless its reason begins with "machine:", which says why this machine cannot
run it. The last line is `N passed, N failed`.
"""
import argparse
import concurrent.futures
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
LSAN_OPTIONS = f"suppressions={TOP}/tests/lsan.supp:print_suppressions=0"
ALL = ("scripts", "unit", "tsan", "fuzz", "server")
BUILDS = {
    "build-check": ["--enable-sanitizers", "CFLAGS=-O1 -g"],
    "build-tsan": ["--enable-tsan", "CFLAGS=-O1 -g"],
    "build-fuzz": ["--enable-fuzzing", "CC=clang", "CFLAGS=-O1 -g"],
}
# What pytest says of a test whose time ran out, in it or in its fixtures.
IS_LATE = re.compile(r'(failed on \w+ with ")?(\w+\.)*(TimeoutError|TimeoutExpired)\b')
MOST_LATE = 5
PYTEST = [sys.executable, "-m", "pytest", "-q", "--tb=short"]


class Tally:
    """What passed and what failed, by name."""

    def __init__(self):
        self.passed, self.failed, self.skipped, self.late = 0, [], [], []

    def ok(self, count=1):
        self.passed += count

    def fail(self, name, text=""):
        self.failed.append(name)
        print(f"FAILED {name}")
        if text:
            print("    " + text.strip()[-6000:].replace("\n", "\n    "), flush=True)


def run(argv, timeout=None, **options):
    """(status, output of both kinds); status None when it took too long."""
    try:
        done = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout, cwd=TOP, **options)
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as expired:
        return None, (expired.stdout or b"").decode(errors="replace") + f"\n(ended after {timeout} s)"


def failures_of(case):
    return [child for child in case if child.tag in ("failure", "error")]


def is_late(case):
    """Whether it failed, and for nothing but that its time ran out."""
    failures = failures_of(case)
    return bool(failures) and all(IS_LATE.match(failure.get("message") or "") and "Sanitizer" not in (failure.text or "")
                                  for failure in failures)


def node_of(case):
    """Its name for pytest's command line."""
    return f"tests/{case.get('classname').replace('.', '/')}.py::{case.get('name')}"


class Check:
    def __init__(self, args):
        self.args, self.tally, self.pool = args, Tally(), concurrent.futures.ThreadPoolExecutor(args.jobs)

    def section(self, text):
        print(f"== {text}", flush=True)

    def build(self, folder, *targets):
        """Whether it could be built."""
        begin = time.monotonic()
        status, out = run(["bash", TOP / "bootstrap", "_configure", folder, *BUILDS[folder]])
        for target in targets:  # one after the other: `all` is a make of its own, and both would build the same
            if status == 0:
                status, out = run(["make", "-s", "-k", "-C", folder, f"-j{self.args.jobs}", target])
        if status:
            self.tally.fail(f"building {folder}", out)
        print(f"built {folder} in {time.monotonic() - begin:.0f} s", flush=True)
        return status == 0

    def listed(self, folder, name):
        """The words of a list of the makefile, such as UNIT_TESTS."""
        status, out = run(["make", "-s", "--no-print-directory", "-C", folder, "print-list", f"LIST={name}"])
        return out.split() if status == 0 else []

    # --- scripts ---

    def scripts(self):
        self.section("layers, sizes")
        status, out = run(["bash", "tests/layers.sh"])
        self.tally.fail("tests/layers.sh", out) if status else self.tally.ok()
        print(run(["bash", "tests/sizes.sh"])[1], end="")

    # --- programs of cmocka ---

    def unit(self):
        self.section("unit tests (ASan, UBSan)")
        self.build("build-check", "all", "check-programs")
        self.cmocka("build-check", "UNIT_TESTS")

    def tsan(self):
        self.section("threads (TSan)")
        if self.build("build-tsan", "all", "tsan-programs"):
            self.cmocka("build-tsan", "TSAN_TESTS")
            self.pytest("build-tsan/tern", ["-m", "threads", *self.side_by_side()])

    def cmocka(self, folder, name):
        env = {**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP", "srcdir": str(TOP), "top_srcdir": str(TOP),
               "ASAN_OPTIONS": "detect_leaks=1", "LSAN_OPTIONS": LSAN_OPTIONS, "UBSAN_OPTIONS": "print_stacktrace=1",
               "TSAN_OPTIONS": "halt_on_error=1"}

        def one(program):
            return program, run(["sh", TOP / "tests/run-unit", TOP / folder / program], 400, env=env)

        for program, (status, out) in self.pool.map(one, self.listed(folder, name)):
            label = f"{folder}/{program}"
            lines = re.findall(r"^(ok|not ok) \d+ - (.*)$", out, re.M)
            planned = sum(int(n) for n in re.findall(r"^1\.\.(\d+)", out, re.M))
            good = [test for verdict, test in lines if verdict == "ok" and "# SKIP" not in test]
            bad = [test for verdict, test in lines if verdict != "ok" or "# SKIP" in test]
            self.tally.ok(len(good))
            for test in bad:
                self.tally.fail(f"{label}: {test}", out if test is bad[0] else "")
            if not bad and (status != 0 or len(lines) < planned or not lines):
                self.tally.fail(f"{label}: ended with status {status} after {len(lines)} of {planned} tests", out)
            print(f"{label}: {len(good)} passed, {len(bad)} failed", flush=True)

    # --- fuzz targets ---

    def fuzz(self):
        self.section("fuzz targets")
        if not self.build("build-fuzz", "fuzz-programs"):
            return
        targets = self.listed("build-fuzz", "FUZZ_TARGETS")
        seconds = max(1, round(self.args.seconds / max(1, len(targets))))
        artifacts = TOP / "build-fuzz/artifacts"
        artifacts.mkdir(exist_ok=True)

        def one(target):
            name = Path(target).name.removeprefix("fuzz-")
            with tempfile.TemporaryDirectory(prefix="tern-fuzz-") as found:
                argv = [TOP / "build-fuzz" / target, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
                        f"-artifact_prefix={artifacts}/{name}-", "-print_final_stats=1", found]
                if (TOP / "tests/fuzz/corpus" / name).is_dir():
                    argv.append(TOP / "tests/fuzz/corpus" / name)
                if (TOP / "tests/fuzz" / f"{name}.dict").exists():
                    argv.insert(1, f"-dict={TOP}/tests/fuzz/{name}.dict")
                env = {**os.environ, "TMPDIR": found, "LSAN_OPTIONS": LSAN_OPTIONS}
                return target, run(argv, seconds + 120, env=env)

        for target, (status, out) in self.pool.map(one, targets):
            if status == 0:
                self.tally.ok()
            else:
                self.tally.fail(target, out)
            units = re.search(r"number_of_executed_units: (\d+)", out)
            print(f"{target}: {seconds} s, {units[1] if units else 'no'} runs", flush=True)

    # --- pytest ---

    def server(self):
        self.section("servers, screens, hostile (pytest)")
        if not self.build("build-check", "all"):
            return
        chosen = ["-k", self.args.k] if self.args.k else []
        self.pytest("build-check/tern", ["-m", "not alone", *self.side_by_side(), *chosen])
        self.pytest("build/tern", ["-m", "alone", *chosen])

    def side_by_side(self):
        """Tests with servers and screens wait for most of their time: more of them at once than there are processors."""
        return ["-n", str(2 * self.args.jobs)]

    def pytest(self, program, options):
        folders = [f"tests/{name}" for name in ("server", "tui", "hostile") if any((TOP / "tests" / name).glob("test_*.py"))]
        cases = self.cases(program, [*options, *folders])
        late = [case for case in cases if is_late(case)]
        if 0 < len(late) <= MOST_LATE:
            print("once more, by themselves:", flush=True)
            again = self.cases(program, [node_of(case) for case in late])
            passed = {node_of(case) for case in again if not failures_of(case)}
            self.tally.late += sorted(passed)
            cases = [case for case in cases if node_of(case) not in passed] + [c for c in again if node_of(c) in passed]
        for case in cases:
            self.count(case)

    def cases(self, program, options):
        """pytest's account of each test."""
        with tempfile.TemporaryDirectory(prefix="tern-check-") as scratch:
            report = Path(scratch) / "junit.xml"
            env = {**os.environ, "TERN": str(TOP / program), "TERN_OPTIMISED": str(TOP / "build/tern"),
                   "PYTHONDONTWRITEBYTECODE": "1"}
            status = subprocess.run([*PYTEST, f"--junitxml={report}", *options], cwd=TOP, env=env,
                                    stdin=subprocess.DEVNULL).returncode
            if status == 5:  # none chosen
                return []
            if not report.exists():
                self.tally.fail(f"pytest {' '.join(options)}: status {status}")
                return []
            return list(ElementTree.parse(report).iter("testcase"))

    def count(self, case):
        name = f"{case.get('classname')}::{case.get('name')}"
        skipped = case.find("skipped")
        if failures_of(case):
            self.tally.failed.append(name)  # pytest has shown it
        elif skipped is None:
            self.tally.ok()
        elif "machine:" in (skipped.get("message") or ""):
            self.tally.skipped.append(f"{name}: {skipped.get('message')}")
        else:
            self.tally.fail(f"{name}: skipped: {skipped.get('message')}")

    # --- all ---

    def lock(self):
        """Nobody else of this tree builds in the same folders at the same time."""
        self.lock_file = open(TOP / "build/.check-lock", "w")
        try:
            fcntl.flock(self.lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("waiting for another check of this tree", flush=True)
            fcntl.flock(self.lock_file, fcntl.LOCK_EX)

    def run(self):
        self.lock()
        for name in self.args.only:
            begin = time.monotonic()
            getattr(self, name)()
            print(f"({name}: {time.monotonic() - begin:.0f} s)\n", flush=True)
        for name in self.tally.skipped:
            print(f"not run here: {name}")
        for name in self.tally.late:
            print(f"late: {name} (its time ran out once, beside others; it passed by itself)")
        for name in self.tally.failed:
            print(f"failed: {name}")
        print(f"{self.tally.passed} passed, {len(self.tally.failed)} failed", flush=True)
        return 1 if self.tally.failed or not self.tally.passed else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), default=ALL)
    parser.add_argument("--seconds", type=float, default=60, help="for all fuzz targets together")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("-k", help="which of the tests of pytest, as there")
    args = parser.parse_args()
    if set(args.only) - set(ALL):
        parser.error(f"--only knows {', '.join(ALL)}")
    if not shutil.which("make"):
        parser.error("run it by ./bootstrap check")
    return Check(args).run()


if __name__ == "__main__":
    sys.exit(main())

"""The program under test, run in a profile of its own.

    tern = Tern(profile_folder)
    tern.write(server.account("ada"))                 tern.conf, mode 0600
    r = tern("list", "INBOX", "--limit", "20")        r.status, r.out, r.err (text), r.lines
    r = tern.json("list", "INBOX")                    r.rows (one object a line), r.error (the object on stderr)
    tern.ok("sync")                                   the same, failing when the status is not 0
    tern.start("watch")                               a Process (Popen) with pipes
    tern.take_over(other.profile)                     the store of another one, copied
    tern.terminal(80, 24, "-f", "Sent")               the screen (terminal.py); tern.argv(…) the command

The program is PROGRAM: $TERN, else build/tern of the source tree (OPTIMISED: the one to measure, where a test with
sanitizers says nothing about time: Tern(profile, OPTIMISED), and mark the test `alone`). HOME and the XDG places lie in the profile too. Each run checks
that no sanitizer had anything to say; a screen's is checked by tern.check_sanitizers(), at the end of each test.
contents(paths) has the bytes of files that tern may put newer ones in place of.
One that does not end in time leaves its threads' stacks (stacks.py) in what the test has printed, before it is killed.
"""
import contextlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lib import stacks
from lib.terminal import Terminal

TOP = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("TERN", TOP / "build/tern")).resolve()
OPTIMISED = Path(os.environ.get("TERN_OPTIMISED", PROGRAM)).resolve()

# What a command runs behind that mounts something for itself alone. A user who is not root needs a name space in which to
# be it; root in a chroot has none, and needs none.
OWN_MOUNTS = ["unshare", "-m" if os.geteuid() == 0 else "-Urm"]
NEEDS_OWN_MOUNTS = pytest.mark.skipif(subprocess.run([*OWN_MOUNTS, "true"], capture_output=True).returncode != 0,
                                      reason="machine: no mounts of one's own, which a small disk needs")


class Result:
    def __init__(self, argv, status, out, err):
        self.argv, self.status, self.raw_out, self.raw_err = argv, status, out, err
        self.out, self.err = out.decode("utf-8", "surrogateescape"), err.decode("utf-8", "surrogateescape")

    @property
    def lines(self):
        return self.out.splitlines()

    @property
    def rows(self):
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def error(self):
        """What failed, as --json says it: {"kind", "message"}."""
        for line in self.err.splitlines():
            if line.startswith('{"error"'):
                return json.loads(line)["error"]
        return None

    def __repr__(self):
        return f"{' '.join(map(str, self.argv))}\nstatus {self.status}\n{self.out[:4000]}\n{self.err[:4000]}"


class Process(subprocess.Popen):
    """A Popen that says what its threads do when it has not ended in the time that it was given."""

    is_shown = False

    def wait(self, timeout=None):
        try:
            return super().wait(timeout)
        except subprocess.TimeoutExpired:
            self.show()
            raise

    def communicate(self, input=None, timeout=None):
        try:
            return super().communicate(input, timeout)
        except subprocess.TimeoutExpired as expired:
            self.show(*(text for text in (expired.output, expired.stderr) if text))
            raise

    def show(self, *written):
        if not self.is_shown:  # once: communicate() waits, too
            self.is_shown = True
            stacks.show(self, " ".join(map(str, self.args)), *written)


def contents(paths):
    """The bytes of those files that are still there when it comes to them."""
    found = []
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            found.append(path.read_bytes())
    return found


SUPPRESSIONS = Path(__file__).resolve().parent.parent / "lsan.supp"

# What a program leaves that is killed while LeakSanitizer looks through its threads: the report may be opened, and nothing said
# in it yet. (Who has an error to report writes it before it ends, with a status of its own.)
KILLED_AT_ITS_END = re.compile(r"(==\d+==Unable to get registers from thread \d+\.\n)*")


class Tern:
    def __init__(self, profile, program=PROGRAM):
        self.profile, self.program = Path(profile), program
        self.profile.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.conf = self.profile / "tern.conf"
        self.user = None  # another one than runs the tests, by number: for root's tests
        self.reports = self.profile / "sanitizer"
        home = self.profile / "home"
        home.mkdir(exist_ok=True)
        self.env = {
            "HOME": str(home), "XDG_CONFIG_HOME": None, "XDG_DATA_HOME": None, "XDG_CACHE_HOME": None,
            "XDG_STATE_HOME": None, "TERN_PROFILE": None, "LANGUAGE": None, "NO_COLOR": None,
            # where there is no locale Python sets LC_CTYPE, for itself and all that it starts
            "LC_ALL": None, "LC_CTYPE": None, "LANG": "C.UTF-8", "TZ": "UTC", "G_SLICE": "always-malloc",
            "ASAN_OPTIONS": f"exitcode=99:log_path={self.reports}:detect_leaks=1",
            "LSAN_OPTIONS": f"suppressions={SUPPRESSIONS}:print_suppressions=0",
            "UBSAN_OPTIONS": f"print_stacktrace=1:halt_on_error=1:exitcode=99:log_path={self.reports}",
            "TSAN_OPTIONS": f"exitcode=99:halt_on_error=1:log_path={self.reports}"}

    def write(self, *sections):
        """Replaces tern.conf."""
        self.conf.write_text("\n".join(sections))
        self.conf.chmod(0o600)

    def take_over(self, profile):
        """A copy of what another one, that does not run, has stored; its configuration stays its own."""
        for part in ("data", "cache"):
            shutil.copytree(profile / part, self.profile / part, ignore=shutil.ignore_patterns("*.sock"))

    def environment(self, more=None):
        merged = {**os.environ, **self.env, **(more or {})}
        return {key: value for key, value in merged.items() if value is not None}

    def argv(self, *words):
        return [str(self.program), "--profile", str(self.profile), *map(str, words)]

    def __call__(self, *words, input=None, env=None, timeout=60, profile=True):
        argv = self.argv(*words) if profile else [str(self.program), *map(str, words)]
        with Process(argv, env=self.environment(env), user=self.user, extra_groups=[] if self.user else None,
                     stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
                     stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            try:
                out, err = process.communicate(input, timeout)
            except BaseException:  # pytest's own time-out as well
                process.show()
                process.kill()
                raise
        result = Result(argv, process.returncode, out, err)
        assert process.returncode >= 0, f"ended by signal {-process.returncode}\n{result}"
        self.check_sanitizers()
        return result

    def ok(self, *words, **options):
        result = self(*words, **options)
        assert result.status == 0, repr(result)
        return result

    def json(self, *words, **options):
        return self(*words, "--json", **options)

    def start(self, *words, env=None, **options):
        return Process(self.argv(*words), env=self.environment(env), **{
            "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options})

    def terminal(self, cols=80, rows=24, *words, env=None):
        return Terminal(self.argv(*words), cols, rows, env={**self.env, **(env or {})})

    def check_sanitizers(self):
        for report in sorted(self.profile.glob("sanitizer.*")):
            text = report.read_text(errors="replace")
            report.unlink()
            if not KILLED_AT_ITS_END.fullmatch(text):
                raise AssertionError(f"{report.name}:\n{text[:8000]}")

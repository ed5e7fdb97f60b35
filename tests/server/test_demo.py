"""The demo leaves nothing behind, however it ends. A small program stands in for tern: what is tried here is around it."""
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lib.demo import Demo, write_mail
from lib.demotexts import FOLDERS
from lib.program import TOP
from lib.terminal import Terminal

STAND_IN = """#!/bin/sh
case $3 in
list) case $5 in --json) echo '{"id":4711}' ;; *) echo "ran: $*" ;; esac ;;
sync | folders | show) echo "ran: $*" ;;
*) trap 'echo told to end; exit 7' TERM; echo "screen of $2"; while read -r line; do
    case $line in stop) kill -STOP $$; echo again ;; quit) exit 3 ;; esac; done ;;
esac
"""


@pytest.fixture
def stand_in(tmp_path):
    path = tmp_path / "tern"
    path.write_text(STAND_IN)
    path.chmod(0o755)
    return path


@pytest.fixture
def place(profile):
    """A folder for the demo's folder; Dovecot's user has to pass it."""
    profile.chmod(0o711)
    return profile / "demo"


def command(place, stand_in):
    return [sys.executable, str(TOP / "tests/lib/demo.py"), "--dir", str(place), str(stand_in)]


def gone(place):
    """Whether no process works in that folder, and it is not there any more."""
    def of_the_demo(pid):
        try:
            return str(place).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if not place.exists() and not [pid for pid in os.listdir("/proc") if pid.isdigit() and of_the_demo(pid)]:
            return True
        time.sleep(0.05)
    return False


def test_without_a_terminal(place, stand_in):
    done = subprocess.run(command(place, stand_in), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    ran = re.findall(r"^ran: --profile \S+ (.*)$", done.stdout, re.M)
    assert ran == ["sync", "folders", "list INBOX --limit 20", "show 4711"]
    assert gone(place)


def test_a_failing_program_fails(place, stand_in):
    stand_in.write_text("#!/bin/sh\necho no >&2\nexit 1\n")
    done = subprocess.run(command(place, stand_in), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert gone(place)


def test_its_status_is_the_programs(place, stand_in):
    with Terminal(command(place, stand_in)) as t:
        t.wait("screen of", 30)
        profile = Path(re.search(r"screen of (\S+)", t.text().replace("\n", ""))[1])
        assert profile.joinpath("tern.conf").stat().st_mode & 0o777 == 0o600
        t.send("quit<Enter>")
        assert t.wait_exit() == 3
    assert gone(place)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_told_to_end(place, stand_in, number):
    with Terminal(command(place, stand_in)) as t:
        t.wait("screen of", 30)
        t.signal(number)
        t.wait("told to end")
        assert t.wait_exit() == 7
    assert gone(place)


def test_told_to_end_while_it_starts(place, stand_in):
    with Terminal(command(place, stand_in)) as t:
        t.wait_for(lambda: list(place.glob("mail-*")), 30)
        t.signal(signal.SIGTERM)
        assert t.wait_exit() == 128 + signal.SIGTERM
    assert gone(place)


def test_the_terminal_goes(place, stand_in):
    with Terminal(command(place, stand_in)) as t:
        t.wait("screen of", 30)
        t.hangup()
        t.wait_exit()
    assert gone(place)


def test_stopped_and_continued(place, stand_in):
    with Terminal(command(place, stand_in)) as t:
        t.wait("screen of", 30)
        t.send("stop<Enter>")
        t.wait_for(t.is_stopped)
        t.signal(signal.SIGCONT)
        t.wait("again")
        t.send("quit<Enter>")
        assert t.wait_exit() == 3
    assert gone(place)


def test_killed_it_is_swept_up_by_the_next(place, stand_in):
    with Terminal(command(place, stand_in)) as t:
        t.wait("screen of", 30)
        t.signal(signal.SIGKILL)
        t.wait_exit()
        assert list(place.glob("mail-*"))
    subprocess.run(command(place, stand_in), stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=True)
    assert gone(place)


def test_two_at_the_same_time(place, stand_in):
    with Terminal(command(place, stand_in)) as one, Terminal(command(place, stand_in)) as two:
        one.wait("screen of", 30)
        two.wait("screen of", 30)
        one.send("quit<Enter>")
        assert one.wait_exit() == 3
        assert len(list(place.glob("mail-*"))) == 1
        two.send("quit<Enter>")
        assert two.wait_exit() == 3
    assert gone(place)


def test_its_mail(tmp_path):
    now = 1_790_000_000
    names = [name for name, _ in write_mail(tmp_path / "one", now)]
    assert len(names) >= 12 and any("/" in name for name in names) and any(not name.isascii() for name in names)
    assert 1900 < len(list((tmp_path / "one").glob("*/cur/*"))) < 2300
    inbox = [m for m in Demo(now).messages(FOLDERS[0])]
    ages = [now - m.date for m in inbox]
    assert min(ages) < 600 and sum(age < 86400 for age in ages) > 15 and max(ages) > 365 * 86400
    assert [m.raw for m in inbox] == [m.raw for m in Demo(now).messages(FOLDERS[0])]

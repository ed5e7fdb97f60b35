"""kill -9 and power cuts while a POP3 mailbox is downloaded and emptied: over all visits each message is here or still on the
server, and here once; before its DELE goes out it is on the disk, and so is the line that says so."""
import random
import re
import shutil
import subprocess
import threading
import time
from collections import Counter

import pytest

from lib.genmail import Generator, write_maildir
from lib.torture import LONG, SEED, Table, count
from server.test_pop3_sync import digest

STRACE = shutil.which("strace")
MESSAGES = 12
MANY = 320 if LONG else MESSAGES  # of the long form: more than a window of commands, and some groups that share their fsyncs
CALLS = "rename,renameat,renameat2,fsync,fdatasync,unlink,unlinkat,pwrite64"


class Drain:
    """A mailbox that is filled again and again, and what a visit makes of it. Plain POP3, so that strace sees what is said."""

    def __init__(self, tern, server, folder, messages=MESSAGES):
        self.tern, self.server, self.folder, self.messages = tern, server, folder, messages
        # of many some have a lone CR, which a digest of IMAP's answer does not see as that of a file
        write_maildir(folder, Generator(seed=17, count=messages, plain=messages > MESSAGES))
        tern.write(server.account("ada", "pop", incoming="pop3", outgoing=None))
        self.begin()

    def begin(self):
        shutil.rmtree(self.tern.profile / "data", ignore_errors=True)
        self.server.doveadm("expunge", "-u", "ada", "mailbox", "INBOX", "all")
        self.server.fill("ada", "INBOX", self.folder)
        self.expected = self.on_server()
        assert sum(self.expected.values()) == self.messages

    def on_server(self):
        with self.server.imap("ada") as client:
            client.select("INBOX", readonly=True)
            found = client.fetch("1:*", "(BODY.PEEK[])")[1] if client.search(None, "ALL")[1][0] else []
            return Counter(digest(part[1]) for part in found if isinstance(part, tuple))

    def here(self):
        box = self.tern.profile / "data/mail/pop"
        return Counter(digest(path.read_bytes()) for place in ("new", "cur") if (box / place).is_dir()
                       for path in (box / place).iterdir())

    def check(self, why):
        """Nothing is lost, nothing is here twice; then what is left is done."""
        seen = self.see()
        assert not seen["twice"] and not seen["lost"], (why, seen)
        self.finish(why)

    def see(self):
        """How many are lost, and here too often, by now."""
        here, there = self.here(), self.on_server()
        return {"lost": (self.expected - (here | there)).total(), "twice": (here - self.expected).total()}

    def finish(self, why):
        self.tern.ok("sync", "--yes")
        assert self.here() == self.expected, why
        assert not self.on_server(), why
        assert not list((self.tern.profile / "data/mail/pop/tmp").iterdir()), why
        rows = self.tern.json("list", "pop/INBOX", "--limit", "1000").rows
        assert len(rows) == self.messages, why

    def traced(self, *options):
        log = self.tern.profile / "strace"
        process = subprocess.run([STRACE, "-f", "-qq", "-o", log, *options, *self.tern.argv("sync", "--yes")],
                                 capture_output=True, env=self.tern.environment({"ASAN_OPTIONS": "detect_leaks=0"}), timeout=200)
        return process, log.read_text(errors="replace")


@pytest.fixture
def drain(tern, make_server, tmp_path):
    return Drain(tern, make_server(), tmp_path / "texts", MANY)


@pytest.mark.torture
@pytest.mark.skipif(not STRACE, reason="machine: no strace")
def test_killed_at_each_call(drain):
    """Of a few messages at some places, in the long form of many at some hundred; a fair share of each kind of call."""
    _, log = drain.traced("-e", f"trace={CALLS}")
    drain.check("not killed")
    # strace counts those of each thread by itself: only so many places can be met.
    counts = {name: max(Counter(re.findall(rf"^(\d+) +{name}\(", log, re.M)).values(), default=0) for name in CALLS.split(",")}
    places = chosen({name: range(1, n + 1) for name, n in counts.items() if n}, count(8, 240))
    table = Table("call")
    for name, n in places:
        drain.begin()
        process, _ = drain.traced("-e", f"trace={name}", "-e", f"inject={name}:signal=KILL:when={n}")
        table.add(name, hits=int(process.returncode != 0), **drain.see())
        drain.finish(f"killed at {name} {n}")
    print(f"\n{drain.messages} messages; calls of the thread that makes most of them: {counts}")
    table.conclude()


def chosen(kinds, most):
    """So many of the places, of each kind as many, as far as it has them."""
    chance = random.Random(SEED)
    rest = {kind: chance.sample(places, len(places)) for kind, places in kinds.items()}
    found = []
    while any(rest.values()) and len(found) < most:
        found += [(kind, places.pop()) for kind, places in rest.items() if places]
    return found[:most]


@pytest.mark.torture
def test_killed_at_any_time(tern, make_server, tmp_path):
    """Wherever in a visit, three visits in a row: the long form has 300 messages, and 200 such rows."""
    drain = Drain(tern, make_server(), tmp_path / "texts", MANY)
    chance, table = random.Random(SEED), Table("visit")
    began = time.monotonic()
    drain.check("not killed")
    whole = time.monotonic() - began
    for _ in range(count(6, 200)):
        drain.begin()
        for visit in ("first", "second", "third"):
            process = drain.tern.start("sync", "--yes", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            timer = threading.Timer(chance.uniform(0.02, whole), process.kill)
            timer.start()
            was_killed = process.wait(timeout=200) != 0
            timer.cancel()
            table.add(visit, hits=int(was_killed), **drain.see())
        drain.finish("killed at random")
    table.conclude(needs_hits=False)


@pytest.mark.torture
@pytest.mark.skipif(not STRACE, reason="machine: no strace")
def test_safe_before_its_dele(drain):
    """The order of the calls: the file, its name, its folder, the log's line; then DELE, and after all of them QUIT."""
    _, log = drain.traced("-y", "-s", "4000", "-e", "trace=rename,renameat,renameat2,fsync,fdatasync,sendto,sendmsg,write")
    calls = [re.sub(r"^\d+ +", "", line) for line in log.splitlines()]
    asked, renamed, deles, synced, folders, lines, quits = [], [], {}, {}, [], [], []
    for i, call in enumerate(calls):
        if call.startswith("rename") and "/tmp/" in call and "mail/pop/new>" in call:
            renamed.append((i, re.search(r"pop/\./tmp/([^\"]+)\"", call)[1]))
        elif call.startswith("fsync") and (name := re.search(r"mail/pop/tmp/([^>]+)>", call)):
            synced[name[1]] = i
        elif call.startswith("fsync") and "mail/pop/new>" in call:
            folders.append(i)
        elif call.startswith("fdatasync") and "/uidl/pop>" in call:
            lines.append(i)
        elif "RETR " in call or "DELE " in call or "QUIT" in call:
            asked += [int(n) for n in re.findall(r"RETR (\d+)\\r", call)]
            deles.update({int(n): i for n in re.findall(r"DELE (\d+)\\r", call)})
            quits += [i] if "QUIT\\r" in call else []
    assert len(asked) == len(renamed) == len(deles) == drain.messages
    for number, (at, name) in zip(asked, renamed):
        assert synced[name] < at, name
        folder = next(i for i in folders if i > at)
        line = next(i for i in lines if i > folder)
        assert line < deles[number], name
    assert len(quits) == 1 and quits[0] > max(deles.values())
    print(f"\n{len(deles)} messages, {len(folders)} fsyncs of the folder, {len(lines)} of the log: each before its DELE")


def test_two_at_once(drain):
    both = [drain.tern.start("sync", "--yes", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    drain.check("two at once")

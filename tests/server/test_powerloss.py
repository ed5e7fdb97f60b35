"""Power cuts: of all that a program did, only what it made durable is left, files and folders apart. What POP3 brought is
here or still on the server, and here once; what was sent or kept as a draft before the program said so is there."""
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from lib.genmail import Generator
from lib.popserver import PopServer
from lib.powerloss import STRACE, Log
from lib.smtpsink import SmtpSink
from lib.torture import LONG, SEED, count
from server.test_pop3_sync import digest

pytestmark = pytest.mark.skipif(not STRACE, reason="machine: no strace")
ENV = {"ASAN_OPTIONS": "detect_leaks=0"}


def files(folder):
    return Counter(digest(path.read_bytes()) for part in ("new", "cur") if (folder / part).is_dir()
                   for path in (folder / part).iterdir())


def chosen(points, must, n, chance):
    """All points in the long form; else those around `must`, and some others."""
    if LONG:
        return points
    near = [point for point in points if must is not None and abs(point - must) < 3]
    return sorted({*near, *chance.sample(points, min(n, len(points)))})


class Cut:
    """The profile's data as a cut leaves it."""

    def __init__(self, tern, log):
        self.tern, self.log, self.data = tern, log, tern.profile / "data"

    def at(self, point, chance=None):
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.tern.profile / "cache", ignore_errors=True)
        self.log.replay(point).write_to(self.data, chance)


def record(tern, *words, input=None):
    log = Log.record(tern.argv(*words), tern.profile / "data", tern.environment(ENV), input=input)
    assert log.status == 0
    return log


@pytest.mark.torture
@pytest.mark.parametrize("keys", [{}, {"max_size": "2K"}], ids=["whole", "stubs"])
def test_pop3(tern, keys):
    """Each cut, then the next visit: it ends with every message here once and, but for stubs, the server empty."""
    # A third of them larger than 2 KB; one may end without an end of line.
    texts = [raw + (b"\r\n" if raw[-2:] != b"\r\n" else b"") + (b"more of it\r\n" * 400 if n % 3 == 0 else b"")
             for n, raw in enumerate(message.raw for message in Generator(seed=23, count=9, plain=True))]
    expected = Counter(digest(text) for text in texts if len(text) <= 2048 or not keys)
    with PopServer(texts) as server:
        tern.write(server.account("pop", **keys))
        log = record(tern, "sync", "--yes")
        quit_at = log.said(b"QUIT\r\n")
        assert quit_at is not None and log.said(b"DELE ") < quit_at
        cut, chance = Cut(tern, log), random.Random(SEED)
        points = chosen(log.points(), quit_at, 8, chance)
        for point in points:
            for survivor in (None, *(random.Random(f"{SEED} {point} {i}") for i in range(count(1, 3)))):
                why = f"cut before call {point} of {len(log.calls)} (QUIT: {quit_at}), {'strict' if not survivor else 'some'}"
                server.reset()
                if point > quit_at:
                    server.box = {n: text for n, text in server.box.items() if len(text) > 2048 and keys}
                cut.at(point, survivor)
                there = Counter(map(digest, server.texts()))
                inbox = tern.profile / "data/mail/pop"
                assert not expected - (files(inbox) | there), (why, "lost")
                tern.ok("sync", "--yes")
                assert files(inbox) == expected, why
                left = [text for text in server.texts() if len(text) <= 2048 or not keys]
                assert not left, (why, "not deleted on the server")
                rows = tern.json("list", "pop/INBOX").rows
                assert len(rows) == len(texts), why
                assert sum("on_server_only" in row for row in rows) == len(texts) - sum(expected.values()), why
        print(f"{len(points)} cuts in {len(log.calls)} calls")


@pytest.mark.parametrize("place, name", [("mail/pop/tmp/", "fsync"), ("mail/pop/new", "fsync"), ("mail/pop", "fsync")])
def test_a_missing_fsync_is_noticed(tern, place, name):
    """What these tests are worth: without the calls that make a file, its name or the folder itself durable, mail is lost."""
    texts = [message.raw for message in Generator(seed=23, count=4, plain=True)]
    with PopServer(texts) as server:
        tern.write(server.account())
        log = record(tern, "sync", "--yes")
    inbox, cut = tern.profile / "data/mail/pop", Cut(tern, log)
    cut.at(log.said(b"QUIT\r\n") + 1)
    assert files(inbox) == Counter(map(digest, texts))

    def is_meant(call):
        path = call.fd_path() or ""
        return call.name == name and (place in path if place.endswith("/") else path.endswith(place))
    assert any(map(is_meant, log.calls)), "nobody syncs it"
    log.calls = [call for call in log.calls if not is_meant(call)]
    cut.at(log.said(b"QUIT\r\n") + 1)
    assert files(inbox) != Counter(map(digest, texts))


MESSAGE = b"From: ada@example.org\nTo: bob@example.org\nSubject: before the cut\n\nthe text\n"


@pytest.mark.torture
def test_outbox(tern):
    """What `tern send` has said yes to is in the outbox after a cut at its very end; before that it is there whole or not."""
    tern.write("[account work]\naddress = ada@example.org\nincoming = maildir:%s\noutgoing = sendmail:/bin/false\n"
               % (tern.profile / "Maildir"))
    log = record(tern, "--offline", "send", "-t", input=MESSAGE)
    cut, chance = Cut(tern, log), random.Random(SEED)
    for point in {*chosen(log.points(), None, 8, chance), len(log.calls)}:
        for survivor in (None, random.Random(f"{SEED} {point}")):
            cut.at(point, survivor)
            rows = tern.json("outbox").rows
            assert len(rows) <= 1
            if rows:
                shown = tern.ok("outbox", "show", str(rows[0]["id"])).raw_out
                assert b"before the cut" in shown and b"the text" in shown
            assert rows or point < len(log.calls), "said to be durable, and is not"


def end_of_message(log):
    """The call by which the last byte of the message goes out: the server may have it from then on."""
    quit_at = log.said(b"QUIT\r\n")
    return max(n for n, call in enumerate(log.calls[:quit_at]) if call.name in ("sendto", "sendmsg") and call.texts()[:1] in ([b"\r\n"], [b".\r\n"]))


@pytest.mark.torture
@pytest.mark.parametrize("without", [set(), {"CHUNKING"}], ids=["BDAT", "DATA"])
def test_sending(tern, tmp_path, without):
    """A cut while it is sent. Before the mark that precedes its last byte: sent by the next run by itself, and once. After that the
    server may have it: never sent again by itself, and if nobody knows, the person is asked."""
    with SmtpSink(tmp_path / "sink", {"ada": "secret"}, without=without) as sink:
        tern.write(f"[account work]\naddress = ada@example.org\npassword = secret\nincoming = maildir:{tern.profile / 'Maildir'}\n"
                   f"outgoing = smtp://ada@127.0.0.1:{sink.ports['submission']}\n")
        log = record(tern, "send", "-t", "--no-copy", input=MESSAGE)
        assert len(sink.sent()) == 1
        end_at = end_of_message(log)
        mark_at = max(n for n, call in enumerate(log.calls[:end_at]) if call.name.startswith("rename"))
        cut, chance, states = Cut(tern, log), random.Random(SEED), Counter()
        for point in {*chosen(log.points(), end_at, 10, chance), end_at, end_at + 1}:
            for survivor in (None, *(random.Random(f"{SEED} {point} {i}") for i in range(count(1, 3)))):
                why = f"cut before call {point} of {len(log.calls)} (the mark: {mark_at}, its end: {end_at}), {'strict' if not survivor else 'some'}"
                cut.at(point, survivor)
                waited, before = [row for row in tern.json("outbox").rows if row["account"]], len(sink.sent())
                tern.ok("sync")
                # One that has no envelope yet is told of and never sent: nobody promised it.
                rest = [row for row in tern.json("outbox").rows if row["account"]]
                again, left = len(sink.sent()) - before, [row["state"] for row in rest]
                if point <= mark_at:
                    assert again == len(waited) and not left, (why, waited, left)     # none waits: it was not promised yet
                elif point <= end_at:
                    assert (again, left) in ((1, []), (0, ["unknown"])), (why, left)
                else:
                    assert again == 0 and left in ([], ["unknown"]), (why, left)
                states[f"{'before' if point <= mark_at else 'between' if point <= end_at else 'after'}: "
                       f"{(left or ['sent' if again else 'gone'])[0]}"] += 1
        assert states["before: sent"] and states["after: unknown"] and states["after: gone"], states
        print(dict(states))


@pytest.mark.torture
def test_draft(tern):
    """The same of a draft that was kept."""
    tern.write("[account work]\naddress = ada@example.org\nincoming = maildir:%s\noutgoing = sendmail:/bin/false\n"
               % (tern.profile / "Maildir"))
    log = record(tern, "--offline", "mailto:bob@example.org?subject=before%20the%20cut&body=the%20text")
    Cut(tern, log).at(len(log.calls))
    drafts = [path for path in (tern.profile / "data/drafts").rglob("*") if path.is_file() and path.parent.name in ("new", "cur")]
    assert len(drafts) == 1 and b"before the cut" in Path(drafts[0]).read_bytes()

"""What goes wrong while a POP3 mailbox is visited, by a server that does it on purpose: nothing is lost, nothing is here twice,
and each has its own words."""
import datetime
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import Counter

import pytest

from lib.certs import Authority
from lib.cutter import Cutter
from lib.genmail import Generator
from lib.mailserver import wait_until
from lib.popserver import PopServer
from lib.program import NEEDS_OWN_MOUNTS, OWN_MOUNTS
from lib.torture import LONG, SEED, Table, count
from server.test_pop3_sync import digest

TEXTS = [message.raw + (b"" if message.raw.endswith(b"\r\n") else b"\r\n") for message in Generator(seed=29, count=12, plain=True)]
EQUAL = [b"Subject: %02d\r\nMessage-ID: <%02d@example.org>\r\n\r\ntext\r\n" % (n, n) for n in range(8)]


def here(tern):
    box = tern.profile / "data/mail/pop"
    return Counter(digest(path.read_bytes()) for part in ("new", "cur") if (box / part).is_dir() for path in (box / part).iterdir())


def digests(texts):
    return Counter(map(digest, texts))


def seen(tern, server, texts):
    """How many are lost, and here too often, by now."""
    return {"lost": (digests(texts) - (here(tern) | digests(server.texts()))).total(),
            "twice": (here(tern) - digests(texts)).total()}


@pytest.fixture
def server():
    with PopServer(TEXTS) as server:
        yield server


BIG = [b"Subject: big %d\r\nMessage-ID: <big%d@example.org>\r\n\r\n" % (n, n) + b"%d" % n * 4000 + b"\r\n" for n in range(2)]


@pytest.mark.parametrize("kind", ["new", "ambiguous", "none"])
def test_the_rest_of_one_without_a_uidl_of_its_own(tern, kind):
    """Of large ones only the headers came; one is asked for, and known by its header, whatever its UIDL says now."""
    with PopServer([TEXTS[0], *BIG]) as server:
        if kind == "ambiguous":
            server.uidls = {2: "same", 3: "same"}
        if kind == "none":
            server.capabilities = tuple(word for word in server.capabilities if word != "UIDL")
            server.fault = lambda connection, words: words[0] == "UIDL" and (connection.put("-ERR no") or True)
        tern.write(server.account(keep_on_server="yes", max_size="3K"))
        tern.ok("sync", "--yes")
        ids = {row["subject"]: str(row["id"]) for row in tern.json("list", "pop/INBOX").rows}
        if kind == "new":
            server.uidls = {n: f"other-{n}" for n in server.box}
        for n in (0, 1):
            assert digest(tern.ok("show", ids[f"big {n}"], "--raw").raw_out) == digest(BIG[n])
        tern.ok("sync", "--yes")
        assert here(tern) == digests([TEXTS[0], *BIG])


def test_the_rest_of_one_that_cannot_be_compared(tern):
    """Nobody says that it has left the server when the server did not let anybody look."""
    with PopServer(BIG) as server:
        tern.write(server.account(keep_on_server="yes", max_size="3K"))
        tern.ok("sync", "--yes")
        ids = {row["subject"]: str(row["id"]) for row in tern.json("list", "pop/INBOX").rows}
        server.uidls = {n: f"other-{n}" for n in server.box}
        server.fault = lambda connection, words: words[0] == "TOP" and (connection.put("-ERR not now") or True)
        result = tern.json("show", ids["big 0"])
        assert result.status == 1 and "could not be compared" in result.error["message"]
        server.fault = None
        # And nothing else comes in its place, or counts as it.
        server.box = {5: BIG[0].replace(b"<big0@", b"<another@")}
        server.uidls = {5: "uidl-1"}
        result = tern.json("show", ids["big 0"])
        assert result.status == 1 and "not on the server any more" in result.error["message"]
        assert not here(tern)


@pytest.mark.parametrize("texts", [TEXTS, EQUAL], ids=["sizes", "one size"])
@pytest.mark.parametrize("by", [1, 2, -1])
def test_uidls_that_move_on_double_nothing(tern, texts, by):
    """UIDLs that are numbers, and another one's after something was deleted or put in between."""
    with PopServer(texts) as server:
        tern.write(server.account(keep_on_server="yes"))
        tern.ok("sync", "--yes")
        server.uidls = {n: f"uidl-{n + by}" for n in server.box}
        tern.ok("sync", "--yes")
        tern.ok("sync", "--yes")
        # A new one takes a name that was another one's.
        server.box[len(texts) + 1] = new = b"Subject: new\r\nMessage-ID: <new@example.org>\r\n\r\nnew\r\n"
        server.uidls[len(texts) + 1] = f"uidl-{len(texts) + 1 + by}"
        tern.ok("sync", "--yes")
        assert here(tern) == digests([*texts, new])
        # Nothing is deleted by such names, either; whatever is, is here.
        tern.write(server.account())
        tern.ok("sync", "--yes")
        assert not digests(texts) - here(tern)


@pytest.mark.parametrize("command, what, fetched", [("RETR", "could not be fetched, and stay on the server", 0),
                                                    ("DELE", "are here now and could not be deleted on the server", len(EQUAL))])
def test_what_the_server_refuses_is_a_failure(tern, command, what, fetched):
    """With its words; what it refused is tried again, and what it gave is here."""
    with PopServer(EQUAL) as server:
        server.fault = lambda connection, words: words[0] == command and (connection.put("-ERR no \x1b[31mroom today") or True)
        tern.write(server.account())
        for _ in range(2):
            result = tern.json("sync", "--yes")
            assert result.status == 1 and result.error["kind"] == "refused"
            assert f"{len(EQUAL)} messages {what}: the POP3 server refused: no" in result.error["message"]
            assert "room today" in result.error["message"] and "\x1b" not in result.error["message"]
            assert len(here(tern)) == fetched and len(server.texts()) == len(EQUAL)
        server.fault = None
        tern.ok("sync", "--yes")
        assert here(tern) == digests(EQUAL) and not server.texts()


def test_one_that_is_refused_stops_no_other(tern):
    with PopServer(EQUAL) as server:
        server.fault = lambda connection, words: words == ["RETR", "3"] and (connection.put("-ERR [SYS/PERM] it is broken") or True)
        tern.write(server.account())
        result = tern.json("sync", "--yes")
        assert result.status == 1 and "1 message could not be fetched" in result.error["message"]
        assert "it is broken" in result.error["message"]
        assert here(tern) == digests(EQUAL) - digests(EQUAL[2:3]) and server.texts() == EQUAL[2:3]


def test_a_poll_tells_what_is_refused(tern):
    """Nobody asked for it: it is told, and once for as long as it stays the same."""
    with PopServer(EQUAL) as server:
        server.fault = lambda connection, words: words[0] == "RETR" and (connection.put("-ERR not today") or True)
        tern.write(server.account(poll="1s"))
        watch = tern.start("watch", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            assert wait_until(lambda: server.said.count("QUIT") >= 3, 60)
            server.fault = None
            assert wait_until(lambda: here(tern) == digests(EQUAL), 60)
        finally:
            watch.send_signal(signal.SIGTERM)
            told = watch.communicate(timeout=30)[1]
        assert told.count(b"could not be fetched") == 1 and b"not today" in told


def test_one_that_is_sent_for_another_is_not_deleted(tern):
    """A server that is out of step gives the first message when it is asked for the second: that one is not lost by it, and is
    had when the server is well again."""
    with PopServer(EQUAL) as server:
        def swap(connection, words):
            if words == ["RETR", "2"]:
                connection.send(connection.box[connection.numbers[1]])
                return True
            return False
        server.fault = swap
        tern.write(server.account())
        told = tern.ok("sync", "--yes").err
        assert "2 messages stay on the server: what came is another one's" in told
        assert server.texts() == EQUAL[:2]
        tern.ok("sync", "--yes")
        assert server.texts() == EQUAL[1:2]
        server.fault = None
        for _ in range(2):
            tern.ok("sync", "--yes")
        assert not server.texts() and not digests(EQUAL) - here(tern)


def test_headers_are_not_looked_at_by_each_visit_that_breaks_off(tern):
    """What is here as a header and is wanted whole now: it was seen not long ago, and what comes shows whether it is that."""
    with PopServer(BIG) as server:
        tern.write(server.account(keep_on_server="yes", max_size="3K"))
        tern.ok("sync", "--yes")
        log = tern.profile / "data/uidl/pop"
        old = [with_check(" ".join([*line.split()[:3], "1000", *line.split()[4:6]])) if line.startswith("~") else line
               for line in log.read_text().splitlines()]
        log.write_text("".join(f"{line}\n" for line in old))

        def cut(connection, words):
            if words[0] == "RETR":
                raise OSError("cut")
            return False
        server.fault = cut
        tern.write(server.account(keep_on_server="yes"))
        looks = []
        for _ in range(3):
            server.said.clear()
            assert tern("sync").status == 1
            looks.append(len([line for line in server.said if line.startswith("TOP")]))
        assert looks == [len(BIG), 0, 0]
        server.fault = None
        tern.ok("sync")
        assert here(tern) == digests(BIG)
        assert not any(row.get("on_server_only") for row in tern.json("list", "pop/INBOX").rows)


@pytest.mark.parametrize("keep", ["yes", "14d", "until-deleted"])
@pytest.mark.parametrize("wrong, right", [(2, 5), (5, 2)])
def test_one_that_is_sent_for_another_and_kept_is_had_later(tern, keep, wrong, right):
    """Where mail is kept there too; and until the server is well again nothing comes at each visit."""
    with PopServer(EQUAL) as server:
        def swap(connection, words):
            if words == ["RETR", str(wrong)]:
                connection.send(connection.box[connection.numbers[right]])
                return True
            return False
        server.fault = swap
        tern.write(server.account(keep_on_server=keep))
        for _ in range(3):
            tern.ok("sync", "--yes")
        twice, lost = digests(EQUAL[right - 1:right]), digests(EQUAL[wrong - 1:wrong])
        assert here(tern) == digests(EQUAL) + twice - lost
        server.fault = None
        tern.ok("sync", "--yes")
        assert here(tern) == digests(EQUAL) + twice
        server.said.clear()
        tern.ok("sync", "--yes")
        assert server.texts() == EQUAL and not [line for line in server.said if line.startswith(("RETR", "TOP", "DELE"))]


LONG_ONES = [b"Subject: long %02d\r\nMessage-ID: <long%02d@example.org>\r\n\r\n" % (n, n) + (b"%02d" % n * 35 + b"\r\n") * 1400
             for n in range(12)]


@pytest.mark.parametrize("then", ["goes on", "killed"])
def test_headers_first_where_all_takes_long(tern, then):
    """Over a slow link: the list is there while the first large text still comes, and each text comes once."""
    texts = [*LONG_ONES[:6], EQUAL[0], *LONG_ONES[6:]]
    gate, waits = threading.Event(), threading.Event()

    def slow(_connection, words):
        if words[0] == "TOP":
            time.sleep(0.2)
        if words[0] == "RETR" and words[1] != "7":
            waits.set()
            gate.wait(300)
        return False

    with PopServer(texts) as server:
        server.fault = slow
        tern.write(server.account())
        sync = tern.start("sync", "--yes", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert waits.wait(120)
        rows = tern.json("--offline", "list", "pop/INBOX").rows
        ids = {row["subject"]: row["id"] for row in rows}
        assert len(ids) == len(texts) and len(server.texts()) == len(texts)
        assert {row["subject"] for row in rows if not row.get("on_server_only")} == {"00"}
        assert not any(line.startswith("DELE") and line != "DELE 7" for line in server.said)
        if then == "killed":
            sync.kill()
            sync.wait(timeout=60)
        gate.set()
        server.fault = None
        if then == "killed":
            tern.ok("sync", "--yes")
        assert sync.wait(timeout=120) == (0 if then == "goes on" else -9)
        rows = tern.json("--offline", "list", "pop/INBOX").rows
        assert {row["subject"]: row["id"] for row in rows} == ids
        assert not any(row.get("on_server_only") for row in rows)
        assert here(tern) == digests(texts) and not server.texts()
        if then == "goes on":
            assert sorted(line for line in server.said if "RETR" in line) == sorted(f"RETR {n + 1}" for n in range(len(texts)))
        assert not list((tern.profile / "data/stubs/pop").rglob("*,S=*"))


def test_what_is_here_does_not_wait_for_a_long_one(tern):
    """One text comes line by line for as long as it takes until the one before it can be read."""
    gate, drips = threading.Event(), []

    def drip(connection, words):
        if words != ["RETR", "1"]:
            return False
        head, _, body = LONG_ONES[0].partition(b"\r\n\r\n")
        connection.put("+OK")
        connection.put(head + b"\r\n\r\n")
        lines = body.splitlines(keepends=True)
        while len(lines) > 1 and not gate.wait(0.1):
            connection.put(lines.pop(0))
            connection.stream.flush()
            drips.append(1)
        connection.put(b"".join(lines))
        connection.put(".")
        return True

    with PopServer([LONG_ONES[0], EQUAL[0]]) as server:
        server.fault = drip
        tern.write(server.account())
        sync = tern.start("sync", "--yes", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert wait_until(lambda: [row["subject"] for row in tern.json("--offline", "list", "pop/INBOX").rows] == ["00"], 120)
        assert sync.poll() is None and len(drips) < 1400
        gate.set()
        assert sync.wait(timeout=120) == 0
        assert here(tern) == digests([LONG_ONES[0], EQUAL[0]]) and not server.texts()


@pytest.mark.torture
def test_killed_while_headers_come_first(tern):
    """Wherever in such a visit, three in a row: each text is here or there, here once, and the next visit has them all."""
    chance, table = random.Random(SEED), Table("visit")
    texts = [*LONG_ONES[:4], EQUAL[0], *LONG_ONES[4:8]]

    def slow(_connection, words):
        if words[0] in ("TOP", "RETR"):
            time.sleep(0.1)
        return False

    with PopServer(texts) as server:
        server.fault = slow
        for number in range(count(3, 100)):
            shutil.rmtree(tern.profile / "data", ignore_errors=True)
            server.reset()
            tern.write(server.account())
            for visit in ("first", "second", "third"):
                process = tern.start("sync", "--yes", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                timer = threading.Timer(chance.uniform(0.1, 3), process.kill)
                timer.start()
                was_killed = process.wait(timeout=120) != 0
                timer.cancel()
                table.add(visit, hits=int(was_killed), **seen(tern, server, texts))
            tern.ok("sync", "--yes")
            assert here(tern) == digests(texts) and not server.texts(), number
            rows = tern.json("--offline", "list", "pop/INBOX").rows
            assert len(rows) == len(texts) and not any(row.get("on_server_only") for row in rows), number
            assert not list((tern.profile / "data/stubs/pop").rglob("*,S=*")), number
    table.conclude(needs_hits=False)


@pytest.mark.torture
def test_cut_at_each_line(tern):
    """Whoever says it: what came is here, what is not here is there, and the next visit ends with all of it here once."""
    with PopServer(EQUAL) as server, Cutter(server.port) as link:
        config = server.account()
        direct, cut = config, config.replace(f":{server.port}", f":{link.port}")

        def begin():
            shutil.rmtree(tern.profile / "data", ignore_errors=True)
            server.reset()
            tern.write(cut)
        begin()
        link.arm(None, "")
        tern.ok("sync", "--yes")
        lines, chance = range(1, link.lines + 1), random.Random(SEED)
        table = Table("end of the connection", "cut")
        for line in lines if LONG else sorted(chance.sample(lines, 10)):
            begin()
            how = "reset" if line % 2 else "close"
            link.arm(line, how)
            tern("sync", "--yes")
            table.add(how, hits=int(bool(link.disarm())), **seen(tern, server, EQUAL))
            why = f"cut at line {line} of {len(lines)}"
            tern.write(direct)
            tern.ok("sync", "--yes")
            assert here(tern) == digests(EQUAL) and not server.texts(), why
        print(f"\n{len(lines)} lines")
        table.conclude()


@NEEDS_OWN_MOUNTS
def test_a_full_disk_in_the_middle_of_a_message(tern, tmp_path):
    """It is said; nothing is deleted that is not here; when there is room again it goes on with what is missing."""
    texts = [*TEXTS, b"Subject: too large\r\n\r\n" + b"x" * 70 * 1024 * 128]
    with PopServer([*texts[:-1], texts[-1] + b"\r\n"]) as server:
        tern.write(server.account())
        disk = tern.profile / "data"
        disk.mkdir(exist_ok=True, mode=0o700)
        script = (f"mount -t tmpfs -o size=4m,mode=700 tmpfs {disk}; "
                  f"'{tern.program}' --profile '{tern.profile}' --json sync --yes; echo $? > {tmp_path}/status; "
                  f"cp -a {disk} {tmp_path}/left")
        done = subprocess.run([*OWN_MOUNTS, "sh", "-c", script], env=tern.environment(), capture_output=True, text=True, timeout=200)
        assert (tmp_path / "status").read_text() == "1\n", done.stderr
        assert '"kind":"store"' in done.stderr.replace(" ", "")
        shutil.rmtree(disk)
        shutil.copytree(tmp_path / "left", disk, ignore=shutil.ignore_patterns("*.sock"))
        assert not digests(server.original) - here(tern) - digests(server.texts()), "lost"
        assert max((path.stat().st_size for path in (disk / "mail/pop/new").iterdir()), default=0) < 1 << 20
        tern.ok("sync", "--yes")
        assert here(tern) == digests(server.original) and not server.texts()
        assert not list((disk / "mail/pop/tmp").iterdir())


def test_two_terns_at_once(tern, server, tmp_path_factory):
    """On one profile they are one; two profiles are two devices, and with a time both get all of it."""
    tern.write(server.account(keep_on_server="14d"))
    other = type(tern)(tmp_path_factory.mktemp("other"))
    other.write(server.account(keep_on_server="14d"))
    running = [each.start("sync", "--yes", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for each in (tern, tern, other, other)]
    assert [process.wait(timeout=120) for process in running] == [0, 0, 0, 0]
    assert here(tern) == here(other) == digests(TEXTS) == digests(server.texts())


def test_a_clock_that_was_set_back(tern, server):
    """keep-on-server = 14d: what was fetched in a future is kept, not deleted at once, and nothing comes twice."""
    tern.write(server.account(keep_on_server="14d"))
    tern.ok("sync", "--yes")
    log = tern.profile / "data/uidl/pop"
    lines = log.read_text().splitlines()
    future = int((datetime.datetime.now() + datetime.timedelta(days=400)).timestamp())
    assert all(line.split()[3].isdigit() for line in lines[1:] if line.startswith("+"))
    changed = [lines[0], *(" ".join([*line.split()[:3], str(future), *line.split()[4:6]]) if line.startswith("+") else None
                           for line in lines[1:])]
    log.write_text("".join(f"{with_check(line)}\n" if line[:2] == "+ " else f"{line}\n"
                           for line in (new or old for new, old in zip(changed, lines))))
    tern.ok("sync")
    assert here(tern) == digests(TEXTS) == digests(server.texts())


def with_check(line):
    """A line of the log with its check (maildir/uidl.c)."""
    check = 2166136261
    for byte in line.encode():
        check = (check ^ byte) * 16777619 & 0xffffffff
    return f"{line} {check:08x}"


@pytest.mark.parametrize("what", ["NUL", "8-bit", "no end", "cut short", "size"])
def test_strange_messages(tern, what):
    """As they are, or not at all."""
    text = {"NUL": b"Subject: a\0b\r\n\r\nx\0y\r\n", "8-bit": b"Subject: caf\xe9 \xff\r\n\r\n\xfe\xff\r\n"}.get(what, TEXTS[0])
    with PopServer([text]) as server:
        def fault(session, words):
            if what == "no end" and words[0] == "RETR" and not getattr(server, "is_mended", False):
                session.stream.write(b"+OK\r\n" + text)
                session.stream.flush()
                session.connection.shutdown(2)
                return True
            if what == "cut short" and words[0] == "RETR" and not getattr(server, "is_mended", False):
                session.stream.write(b"+OK\r\n" + text[:len(text) // 2] + b"\r\n.\r\n")
                return True
            if what == "size" and words[0] == "LIST":
                session.put_lines(["1 2000000000"])
                return True
            return False
        server.fault = fault
        tern.write(server.account())
        result = tern("sync", "--yes")
        if what in ("NUL", "8-bit"):
            assert result.status == 0 and here(tern) == digests([text]) and not server.texts()
            return
        assert server.texts() == [text], "deleted, and not surely here"
        if what == "no end":
            assert result.status == 1 and not here(tern)
            server.is_mended = True
            tern.ok("sync")
            assert here(tern) == digests([text]) and not server.texts()


def test_how_long_the_server_keeps_mail_is_said(tern, server):
    """EXPIRE (RFC 2449): of use to whoever wants it kept there."""
    server.capabilities = (*server.capabilities, "EXPIRE 30")
    tern.write(server.account(keep_on_server="yes"))
    assert "deletes mail that was fetched after 30 days" in tern.ok("sync").err
    tern.write(server.account())
    assert "30 days" not in tern.ok("sync", "--yes").err
    server.capabilities = (*server.capabilities[:-1], "EXPIRE NEVER")
    tern.write(server.account(keep_on_server="yes"))
    assert "deletes mail" not in tern.ok("sync").err


def test_a_notice_hides_no_other(tern, tmp_path):
    """What is told of each visit is told once, and does not keep what is new from being told."""
    with PopServer(TEXTS[:1], ("TOP", "UIDL", "USER", "EXPIRE 5")) as server, open(tmp_path / "told", "wb") as told:
        tern.write(server.account(keep_on_server="yes", max_size="3K", poll="1s"))
        watch = tern.start("watch", stdout=told, stderr=told)
        try:
            assert wait_until(lambda: server.said.count("QUIT") > 2, 60)
            server.box[9] = BIG[0]
            assert wait_until(lambda: "larger than max-size" in (tmp_path / "told").read_text(), 60)
        finally:
            watch.terminate()
            assert watch.wait(timeout=60) == 0
        # Once with the first visit, once with the one that had something new; the one after that has what the first had.
        assert (tmp_path / "told").read_text().count("the server itself deletes mail") in (2, 3)


def test_words_are_those_of_the_protocol(tern, server):
    """What is advised is pop3s and USER, not what IMAP calls it."""
    config = server.account().replace("127.0.0.1", "pop.example.invalid")
    tern.write(config)
    told = tern("config", "check")
    assert "pop3s" in told.out + told.err and "imaps" not in told.out + told.err


class TlsPoison(threading.Thread):
    """A server with STLS that says something in plain text at a step where nobody should listen any more."""

    def __init__(self, authority, step):
        super().__init__(daemon=True)
        self.context, self.step, self.secrets = authority.server_context(), step, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            try:
                self.serve(connection)
            except OSError:
                pass

    def serve(self, connection):
        lines = connection.makefile("rb", buffering=0)

        def say(text):
            connection.sendall(text)
        say({"greeting": b"+OK hi\r\n-ERR injected\r\n"}.get(self.step, b"+OK hi\r\n"))
        for raw in lines:
            words = raw.split()
            if words[:1] == [b"CAPA"]:
                say(b"+OK\r\nSTLS\r\nUSER\r\n.\r\n" + (b"+OK injected\r\n" if self.step == "capa" else b""))
            elif words[:1] == [b"STLS"]:
                if self.step == "refused":
                    say(b"-ERR not today\r\n")
                    continue
                say(b"+OK\r\n" + (b"+OK injected\r\n" if self.step == "stls" else b""))
                if self.step == "garbage":  # no record of TLS
                    say(b"HTTP/1.1 400 what?\r\n\r\n")
                lines.close()
                self.context.wrap_socket(connection, server_side=True).close()
                return
            else:
                self.secrets.append(raw)
                say(b"+OK\r\n")


@pytest.mark.parametrize("step", ["greeting", "capa", "stls", "garbage", "refused"])
def test_a_poisoned_way_to_tls_gets_no_password(tern, tmp_path, step):
    authority = Authority(tmp_path / "ca")
    poison = TlsPoison(authority, step)
    poison.start()
    tern.write(f"[account pop]\naddress = ada@example.org\nincoming = pop3+starttls://ada@localhost:{poison.port}\n"
               f"password = secret\nca-file = {authority.ca_file}\n")
    result = tern.json("sync", "--yes")
    poison.listener.close()
    assert result.status == 1 and result.error["kind"] in ("tls", "protocol", "network"), result
    assert not any(b"secret" in line or b"USER" in line or b"AUTH" in line for line in poison.secrets)

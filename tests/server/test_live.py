"""Live: what others change is in the store at once, by NOTIFY, by IDLE, and at the next poll by neither."""
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from lib.filter import ALL, Filter
from lib.genmail import Generator, write_maildir
from lib.link import Link
from lib.ownimap import OwnImap
from lib.torture import count

MAIL = "From: a@b.c\r\nSubject: {0}\r\nMessage-ID: <{0}@live>\r\n\r\ntext\r\n"


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"it did not come true in {seconds} s")
        time.sleep(0.05)


class Watch:
    """`tern watch` in a profile, ended with the block."""

    def __init__(self, tern, *words):
        self.tern = tern
        self.process = tern.start("watch", *words)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, (out, err)
        self.tern.check_sanitizers()

    def wait_live(self, word="live"):
        """Reads stderr until it says so."""
        for line in self.process.stderr:
            if line.decode().strip().endswith(": " + word):
                return
        raise AssertionError("it ended")


def subjects(tern, folder="INBOX"):
    return {row["subject"]: row for row in tern.json("list", folder, "--limit", "1000").rows}


def rows_of(tern, folder="INBOX"):
    return len(tern.json("list", folder, "--limit", "1000").rows)


def account_at(server, port, **keys):
    text = server.account("ada", incoming="imap", **keys)
    return text.replace(f":{server.ports['imap']}", f":{port}")


WAYS = [(), ("NOTIFY",), ("NOTIFY", "QRESYNC"), ("NOTIFY", "CONDSTORE"), ("NOTIFY", "CONDSTORE", "ESEARCH"),
        ("IDLE",), ("MOVE",), ("UIDPLUS",), ("ESEARCH",), ("COMPRESS",), ("CONDSTORE",), ("QRESYNC",)]


@pytest.mark.parametrize("without", WAYS, ids="-".join)
def test_news_of_the_inbox(make_server, tern, tmp_path, without):
    """Arrival, flags, keyword, expunge by another client, one after the other."""
    server = make_server()
    write_maildir(tmp_path / "mail", Generator(seed=5, count=30))
    server.fill("ada", "INBOX", tmp_path / "mail")
    with Filter(server.ports["imap"], without) as less:
        tern.write(account_at(server, less.port, poll="2s" if "IDLE" in without else None))
        with Watch(tern) as watch:
            watch.wait_live("connected" if "IDLE" in without else "live")
            wait_for(lambda: rows_of(tern) == 30)
            server.deliver("ada", MAIL.format("one").encode())
            wait_for(lambda: "one" in subjects(tern))
            other = server.imap("ada")
            other.select("INBOX")
            _, found = other.uid("SEARCH", 'SUBJECT "one"')
            other.uid("STORE", found[0], "+FLAGS", "(\\Flagged kword)")
            wait_for(lambda: subjects(tern)["one"]["flags"] == ["flagged"] and
                     subjects(tern)["one"]["keywords"] == ["kword"])
            _, few = other.uid("SEARCH", "1:5")
            other.uid("STORE", few[0].replace(b" ", b","), "+FLAGS", "(\\Deleted)")
            other.expunge()
            wait_for(lambda: rows_of(tern) == 26)
            other.append("INBOX", "\\Seen", None, MAIL.format("two").encode())
            wait_for(lambda: subjects(tern).get("two", {}).get("flags") == ["seen"])
            other.logout()
        assert not less.refused, less.refused


def test_news_of_other_folders_by_notify(make_server, tern):
    server = make_server()
    server.create("ada", "Lists/one")
    tern.write(server.account("ada"))
    with Watch(tern) as watch:
        watch.wait_live()
        wait_for(lambda: any(r["folder"] == "Lists/one" for r in tern.json("folders").rows))
        server.append("ada", "Lists/one", MAIL.format("listed").encode())
        wait_for(lambda: "listed" in subjects(tern, "Lists/one"))
        server.create("ada", "Fresh")
        wait_for(lambda: any(r["folder"] == "Fresh" for r in tern.json("folders").rows))
        server.append("ada", "Fresh", MAIL.format("fresh").encode())
        wait_for(lambda: "fresh" in subjects(tern, "Fresh"))
        server.deliver("ada", MAIL.format("inbox").encode())  # it watches the Inbox again after all that
        wait_for(lambda: "inbox" in subjects(tern))


def test_what_comes_to_a_folder_while_it_is_open(make_server, tern):
    """NOTIFY says nothing of the folder that is selected, and Dovecot nothing later either when it was so for some time."""
    server = make_server()
    server.create("ada", "Lists/one")
    with Link(server.ports["imap"], delay_ms=300) as link:
        tern.write(account_at(server, link.port, poll="1h"))
        with Watch(tern) as watch:
            watch.wait_live()
            server.append("ada", "Lists/one", MAIL.format("a").encode())
            wait_for(lambda: "a" in subjects(tern, "Lists/one"))
            link.silence()  # what leaves the folder is on its way
            server.append("ada", "Lists/one", MAIL.format("b").encode())
            time.sleep(3)  # so long it stays open for the server
            link.heal()
            wait_for(lambda: "b" in subjects(tern, "Lists/one"))


def test_a_folder_whose_name_is_not_ascii(make_server, tern):
    """Dovecot's NOTIFY spells it otherwise than its LIST."""
    server = make_server()
    server.create("ada", "Grüße & Küsse")
    tern.write(server.account("ada"))
    with Watch(tern) as watch:
        watch.wait_live()
        wait_for(lambda: any(r["folder"] == "Grüße & Küsse" for r in tern.json("folders").rows))
        server.append("ada", "Grüße & Küsse", MAIL.format("kisses").encode())
        wait_for(lambda: "kisses" in subjects(tern, "Grüße & Küsse"))
        server.create("ada", "Größer & mehr")
        wait_for(lambda: any(r["folder"] == "Größer & mehr" for r in tern.json("folders").rows))
        server.append("ada", "Größer & mehr", MAIL.format("more").encode())
        wait_for(lambda: "more" in subjects(tern, "Größer & mehr"))
        assert not [r for r in tern.json("folders").rows if "[" in r["folder"]]


def switches(pid):
    """How often the process's threads have waited for something so far."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        text = (task / "status").read_text()
        total += int(text.split("\nvoluntary_ctxt_switches:")[1].split()[0])
    return total


def wait_silent(link, seconds=5, within=60):
    """Until the client has said nothing for that long."""
    begin = since = time.monotonic()
    said = link.up
    while time.monotonic() - since < seconds:
        assert time.monotonic() - begin < within, "never silent"
        time.sleep(0.1)
        if link.up != said:
            said, since = link.up, time.monotonic()


def test_a_server_that_tells_of_folders_with_each_list(tern):
    """The list is fetched again for that, but each time later: it keeps nobody busy."""
    with OwnImap() as server:
        server.answers |= {
            "CAPABILITY": lambda talk: talk.ok("* CAPABILITY IMAP4rev1 IDLE NOTIFY LIST-EXTENDED"),
            "LIST": lambda talk: talk.ok('* LIST (\\HasNoChildren) "/" INBOX', '* LIST () "/" INBOX')}
        tern.write(server.account())
        with Watch(tern) as watch:
            watch.wait_live()
            lists = lambda: sum(" LIST " in line for line in server.heard)
            begin, first = time.monotonic(), lists()
            wait_for(lambda: lists() >= first + 3)  # the news are heeded
            assert lists() - first <= 6 + (time.monotonic() - begin)


@pytest.mark.torture
@pytest.mark.parametrize("without", [(), ("NOTIFY",)], ids="-".join)
def test_an_idle_client_is_silent(make_server, tern, without):
    """No byte, and nobody wakes up more than once in ten seconds."""
    server = make_server(without=without)
    with Link(server.ports["imap"]) as link:
        tern.write(account_at(server, link.port))
        with Watch(tern) as watch:
            watch.wait_live()
            wait_silent(link)  # the first sync, and what is asked once afterwards
            said, before = link.up, switches(watch.process.pid)
            time.sleep(count(20, 60))
            assert link.up == said
            assert switches(watch.process.pid) - before <= count(20, 60) / 10


@pytest.mark.parametrize("without", [(), ("NOTIFY",)], ids="-".join)
def test_a_cut_connection_comes_back(make_server, tern, without):
    server = make_server(without=without)
    with Link(server.ports["imap"]) as link:
        tern.write(account_at(server, link.port))
        with Watch(tern) as watch:
            watch.wait_live()
            server.deliver("ada", MAIL.format("before").encode())
            wait_for(lambda: "before" in subjects(tern))
            link.cut()
            server.deliver("ada", MAIL.format("between").encode())
            wait_for(lambda: "between" in subjects(tern))
            server.deliver("ada", MAIL.format("after").encode())
            wait_for(lambda: "after" in subjects(tern))


def test_one_connection_does_both(make_server, tern):
    """Where only one is allowed it works and watches in turn."""
    server = make_server()
    tern.write(server.account("ada", max_connections=1))
    with Watch(tern) as watch:
        watch.wait_live()
        server.deliver("ada", MAIL.format("one").encode())
        wait_for(lambda: "one" in subjects(tern))
        assert "text" in tern.ok("show", str(subjects(tern)["one"]["id"])).out
        server.deliver("ada", MAIL.format("two").encode())
        wait_for(lambda: "two" in subjects(tern))


def test_without_notify_and_idle_it_is_polled(make_server, tern):
    server = make_server()
    with Filter(server.ports["imap"], ALL) as less:
        tern.write(account_at(server, less.port, poll="2s"))
        with Watch(tern) as watch:
            watch.wait_live("connected")
            server.deliver("ada", MAIL.format("polled").encode())
            wait_for(lambda: "polled" in subjects(tern))
        assert not less.refused, less.refused


def test_a_command_beside_it_uses_it(make_server, tern):
    """The folder that is watched is asked of its watcher, and told as every other."""
    server = make_server()
    tern.write(server.account("ada"))
    with Watch(tern) as watch:
        watch.wait_live()
        server.append("ada", "Sent", MAIL.format("sent").encode())
        for _ in range(2):
            done = tern.json("sync")
            assert done.status == 0 and {"INBOX", "Sent", "Trash"} <= {row["folder"] for row in done.rows}
        assert "sent" in subjects(tern, "Sent")


class Held(OwnImap):
    """Its first LIST is answered as of when it was asked, but only once it may be."""

    def __init__(self):
        super().__init__()
        self.may_answer, self.held, self.tag = threading.Event(), None, ""
        self.answers.update({"CAPABILITY": lambda talk: talk.ok("* CAPABILITY IMAP4rev1 IDLE"), "LIST": self._held})

    def _held(self, talk):
        folders = list(self.folders)
        if folders == ['"/" INBOX'] and "*" in talk.words:
            self.folders.append('"/" New')
            assert self.may_answer.wait(120)
            self.held, self.tag = talk, talk.tag
        talk.ok(*(f"* LIST () {folder}" for folder in folders))

    def is_taken(self):
        """The connection has gone on with something else."""
        return self.held and self.held.tag != self.tag


def test_an_older_list_does_not_undo_a_later_one(tern):
    """At a first start two connections ask for the list; the answer to the earlier one comes after the other was written."""
    with Held() as server:
        tern.write(server.account())

        def folders():
            return {row["folder"] for row in tern.json("--offline", "folders").rows}
        with Watch(tern):
            wait_for(lambda: "New" in folders())
            server.may_answer.set()
            wait_for(server.is_taken)
            assert "New" in folders()


class Shut(OwnImap):
    """Watched by IDLE; once is_shut, it ends connections at EXAMINE and lets in no new ones, `times` in all."""

    def __init__(self, times):
        super().__init__()
        self.is_shut, self.times, self.idling = False, times, threading.Event()
        self.answers.update({"CAPABILITY": lambda talk: talk.ok("* CAPABILITY IMAP4rev1 IDLE"), "LOGIN": self._login,
                             "EXAMINE": self._open, "IDLE": self._idle})

    def _door(self, talk):
        if self.is_shut and self.times > 0:
            self.times -= 1
            talk.close()

    def _login(self, talk):
        self._door(talk)
        talk.ok()

    def _open(self, talk):
        self._door(talk)
        self._examine(talk)

    def _idle(self, talk):
        talk.send("+ go on\r\n")
        self.idling.set()
        talk.reader.readline()
        talk.ok()


def test_what_the_watcher_fails_at_has_failed(tern):
    """The watcher is asked to look at its folder, loses its connection over it and gets no other: tern sync says so."""
    with Shut(times=1000) as server:
        tern.write(server.account())
        with Watch(tern) as watch:
            watch.wait_live()
            assert server.idling.wait(60)
            assert tern.json("sync").status == 0
            server.is_shut = True
            done = tern.json("sync")
            assert done.status == 1, done
            assert done.error["kind"] == "network", done


def test_what_the_watcher_fails_at_is_tried_by_another(tern):
    """The same, but the server lets in whoever comes next: the folder is looked at after all."""
    with Shut(times=2) as server:
        tern.write(server.account())
        with Watch(tern) as watch:
            watch.wait_live()
            assert server.idling.wait(60)
            assert tern.json("sync").status == 0
            server.exists, server.is_shut = 4, True
            done = tern.json("sync")
            assert done.status == 0 and not done.error, done
            assert "message 4" in subjects(tern)


def test_an_account_that_is_offline_costs_nothing(tern):
    """Nothing is tried there, and so nothing fails over and over."""
    tern.write("[account ada]\naddress = ada@example.org\nincoming = imaps://ada@localhost:9\npassword = x\noffline = yes\n")
    with Watch(tern) as watch:
        def used():
            words = open(f"/proc/{watch.process.pid}/stat").read().rsplit(")", 1)[1].split()
            return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        wait_for(lambda: tern.profile.joinpath("data/store.db").exists())
        before = used()
        time.sleep(3)   # of time, for all threads together; trying without end takes each of them whole
        assert used() - before < 1.5


def test_holder_that_is_stopped_is_told(tern, empty_server):
    """By SIGSTOP, a debugger or a frozen group: what it is asked for fails with who it is and what to do, and nothing waits for ever."""
    empty_server.deliver("ada", b"Subject: one\n\ntext\n")
    tern.write(empty_server.account("ada"))
    with Watch(tern) as watch:
        watch.wait_live()
        os.kill(watch.process.pid, signal.SIGSTOP)
        try:
            told = f"is stopped (process {watch.process.pid})"
            synced = tern("sync")
            assert synced.status == 1 and told in synced.err
            tern.ok("send", "bob@example.org", input=b"Subject: two\n\ntext\n")
            assert [row["subject"] for row in tern.json("outbox").rows] == ["two"]
        finally:
            os.kill(watch.process.pid, signal.SIGCONT)
        tern.ok("sync", timeout=60)
        assert "one" in subjects(tern)

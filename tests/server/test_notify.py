"""New mail is told to those who look elsewhere: a command, the terminal's bell, OSC 9 and 777."""
import json
import shlex
import subprocess
import sys

import pytest

from lib.genmail import Generator, write_maildir
from test_live import Watch, wait_for

SCRIPT = """#!{python}
import json, os, sys
fields = {{name: os.environ.get("TERN_" + name.upper()) for name in ("text", "from", "subject", "account", "folder", "count", "id")}}
line = json.dumps({{"words": sys.argv[1:], **fields}}) + "\\n"
with open({path!r}, "ab", buffering=0) as out:
    out.write(line.encode())
"""


def mail(subject, sender="Bob <bob@example.org>", extra=b""):
    return (f"From: {sender}\nTo: ada@example.org\nSubject: {subject}\nMessage-ID: <{abs(hash(subject))}@notify>\n".encode()
            + extra + b"\ntext\n")


class Told:
    """What a notification command was told so far."""

    def __init__(self, folder):
        self.script, self.path = folder / "told.py", folder / "told"
        self.script.write_text(SCRIPT.format(python=sys.executable, path=str(self.path)))
        self.script.chmod(0o755)

    def command(self, words="{text}"):
        return f"[tern]\nnotify-command = {shlex.quote(str(self.script))} {words}\n"

    @property
    def rows(self):
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []

    def wait(self, text, seconds=60):
        wait_for(lambda: any(row["text"] == text for row in self.rows), seconds)


@pytest.fixture
def told(profile):
    return Told(profile)


@pytest.fixture
def mailbox(make_server, tmp_path):
    server = make_server()
    write_maildir(tmp_path / "mail", Generator(seed=3, count=40))
    server.fill("ada", "INBOX", tmp_path / "mail")
    return server


def test_a_command(mailbox, tern, told):
    tern.write(mailbox.account("ada", section="work") + told.command("-- tern {text} '{subject} in {folder}'"))
    with Watch(tern) as watch:
        watch.wait_live()
        mailbox.deliver("ada", mail("Budget $(touch /tmp/owned); meeting", '"Ada <img> Lovelace" <a@b.c>'))
        told.wait("Ada <img> Lovelace: Budget $(touch /tmp/owned); meeting")
    # Nothing was told of the forty of the first sync.
    row, = told.rows
    newest = tern.json("--offline", "list", "--limit", "1").rows[0]
    assert row == {"words": ["--", "tern", "Ada ‹img› Lovelace: Budget $(touch /tmp/owned); meeting",
                             "Budget $(touch /tmp/owned); meeting in INBOX"],
                   "text": "Ada <img> Lovelace: Budget $(touch /tmp/owned); meeting", "from": "Ada <img> Lovelace",
                   "subject": "Budget $(touch /tmp/owned); meeting", "account": "work", "folder": "INBOX", "count": "1",
                   "id": str(newest["id"])}


def test_a_pop3_account(mailbox, tern, told):
    """What a visit brings is told; what the first one brought is not."""
    account = mailbox.account("ada", "pop", incoming="pop3s", outgoing=None, poll="1s")
    tern.write(account + told.command())
    tern.ok("sync", "pop")
    watching = tern.start("watch", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        mailbox.deliver("ada", mail("Over POP3"))
        told.wait("Bob: Over POP3", 60)
    finally:
        watching.terminate()
        watching.wait(60)
    assert [row["text"] for row in told.rows] == ["Bob: Over POP3"]


def test_an_account_on_this_disk(tern, told, tmp_path):
    for part in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    (tmp_path / "Maildir/new/1").write_bytes(mail("Old"))
    tern.write(f"[account local]\naddress = ada@example.org\nincoming = maildir:{tmp_path}/Maildir\n" + told.command())
    tern.ok("sync")
    watching = tern.start("watch", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        (tmp_path / "Maildir/tmp/2").write_bytes(mail("Delivered"))
        (tmp_path / "Maildir/tmp/2").rename(tmp_path / "Maildir/new/2")
        told.wait("Bob: Delivered", 60)
    finally:
        watching.terminate()
        watching.wait(60)
    assert [row["text"] for row in told.rows] == ["Bob: Delivered"]


def test_what_came_together_is_told_together(mailbox, tern, told):
    tern.write(mailbox.account("ada", section="work") + told.command())
    tern.ok("sync")
    assert not told.rows  # a command that ends at once tells by its output
    for n in range(12):
        mailbox.deliver("ada", mail(f"number {n}"))
    with Watch(tern):
        told.wait("12 new messages in work/INBOX")
    assert [(row["count"], row["subject"]) for row in told.rows] == [("12", "number 11")]


def test_what_is_no_news(mailbox, tern, told):
    """Read elsewhere already, moved by hand, in a folder that nobody watches: only the last one is told of."""
    mailbox.append("ada", "Archive", mail("moved back"))
    tern.write(mailbox.account("ada", section="work") + told.command())
    tern.ok("sync")
    with Watch(tern) as watch:
        watch.wait_live()
        mailbox.append("ada", "INBOX", mail("seen already"), r"\Seen")
        mailbox.append("ada", "INBOX", mail("about to go"), r"\Deleted")
        mailbox.deliver("ada", mail("for the archive"), "Archive")
        tern.ok("move", next(r["id"] for r in tern.json("list", "Archive").rows if r["subject"] == "moved back"), "INBOX")
        wait_for(lambda: "moved back" in str(mailbox.doveadm("fetch", "-u", "ada", "hdr.subject", "mailbox", "INBOX", "ALL")))
        mailbox.deliver("ada", mail("the last one"))
        told.wait("Bob: the last one")
    assert [row["text"] for row in told.rows] == ["Bob: the last one"]


def test_a_watched_folder(mailbox, tern, told):
    mailbox.append("ada", "Archive", mail("there before"))
    tern.write(mailbox.account("ada", section="work", watch="INBOX;Archive") + told.command())
    with Watch(tern) as watch:
        watch.wait_live()
        wait_for(lambda: any(f["folder"] == "Archive" and f["messages"] == 1 for f in tern.json("folders").rows))
        wait_for(lambda: tern.json("list", "Archive").rows)
        mailbox.deliver("ada", mail("in the archive"), "Archive")
        told.wait("Bob: in the archive")
    assert {row["folder"] for row in told.rows} == {"Archive"}


@pytest.mark.parametrize("line, why", [("/nowhere/notify {text}", "cannot run “/nowhere/notify”"),
                                       ("false {text}", "“false” failed with status 1"),
                                       ("notify 'open", "cannot be read as words")])
def test_a_command_that_fails_is_told_once(mailbox, tern, line, why):
    tern.write(mailbox.account("ada", section="work") + f"[tern]\nnotify-command = {line}\n")
    process = tern.start("watch")
    try:
        said = []
        for text in iter(process.stderr.readline, b""):
            said.append(text.decode())
            if said[-1].strip().endswith(": live"):
                mailbox.deliver("ada", mail("one"))
            if "notify-command" in said[-1]:
                break
        assert why in said[-1], said
        mailbox.deliver("ada", mail("two"))
        wait_for(lambda: any(r["subject"] == "two" for r in tern.json("list", "--limit", "3").rows))
    finally:
        process.terminate()
        rest = process.communicate(timeout=60)[1].decode()
    assert "notify-command" not in rest

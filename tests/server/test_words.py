"""The words that a person reads at the command line: who is meant, said once, and what to do."""
import os
import re
import socket
import socketserver
import subprocess
import threading

import pytest

from lib.mailserver import wait_until
from lib.popserver import PopServer

IN = ("S: * OK [CAPABILITY IMAP4rev1 LITERAL+] ready\nC: $A LOGIN * *\nS: $A OK [CAPABILITY IMAP4rev1 LITERAL+] in\n")


def account(incoming, *lines, name="ada"):
    return "\n".join([f"[account {name}]", "address = ada@example.org", f"incoming = {incoming}",
                      *(lines or ["password = ada-secret"]), ""])


def told(result):
    """What it says on stderr, a sentence a line."""
    return result.err.splitlines()


# --- who is meant ---

GREETINGS = {
    "imap": ("S: 220 mail.example.org ESMTP\n! silent\n", "an SMTP server speaks there; check host and port in incoming = …"),
    "pop3": ("S: * OK IMAP4rev1 ready\n! silent\n", "an IMAP server speaks there; check host and port in incoming = …"),
}


@pytest.mark.parametrize("scheme", GREETINGS)
def test_another_protocol_is_told_with_the_server_and_what_to_try(tern, scripted, scheme):
    script, says = GREETINGS[scheme]
    server = scripted(script)
    tern.write(account(f"{scheme}://ada@localhost:{server.port}"))
    result = tern("sync")
    assert result.status == 1 and len(told(result)) == 1, repr(result)
    assert told(result)[0].startswith(f"tern: ada: localhost:{server.port}: ") and told(result)[0].endswith(says), repr(result)


def test_a_server_that_goes_away_is_named(tern, scripted):
    server = scripted(IN + "! close\n")
    tern.write(account(f"imap://ada@localhost:{server.port}"))
    result = tern("sync")
    assert result.status == 1 and re.search(f"localhost:{server.port}.*closed the connection", result.err), repr(result)


# --- once ---

def test_a_password_command_that_fails_names_its_account_once(tern):
    tern.write(account("imaps://ada@localhost:1", "password-command = echo gpg: no key >&2; exit 3"))
    says = ("the password-command of the account “ada” failed with status 3: gpg: no key; "
            "run it in a terminal, which it does not have here")
    assert told(tern("sync")) == [f"tern: {says}"]
    result = tern("account", "check")
    assert result.status == 1 and result.lines == [says], repr(result)


class Folders(socketserver.StreamRequestHandler):
    """An IMAP server with empty folders, of which the one called Bad cannot be opened."""
    names = ["INBOX", "Bad", *(f"List {n}" for n in range(40))]

    def handle(self):
        self.say("* OK [CAPABILITY IMAP4rev1] ready")
        for line in self.rfile:
            tag, verb, rest = (line.decode().strip() + "  ").split(" ", 2)
            if verb == "CAPABILITY":
                self.say("* CAPABILITY IMAP4rev1")
            if verb == "LIST":
                for name in self.names:
                    self.say(f'* LIST () "/" "{name}"')
            if verb in ("SELECT", "EXAMINE") and "Bad" not in rest:
                self.say("* 0 EXISTS", "* OK [UIDVALIDITY 1] it", "* OK [UIDNEXT 1] is", "* FLAGS ()")
            self.say(f"{tag} NO it is broken" if "Bad" in rest else f"{tag} OK")

    def say(self, *lines):
        self.wfile.write("".join(line + "\r\n" for line in lines).encode())


@pytest.fixture
def folders():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Folders) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_folder_that_fails_is_told_once_and_what_is_quiet_in_one_line(tern, folders):
    tern.write(account(f"imap://ada@localhost:{folders}"))
    result = tern("sync")
    assert result.status == 1 and told(result) == ["tern: ada/Bad: the IMAP server refused: it is broken"], repr(result)
    assert result.lines == ["ada: nothing new in the other 41 folders; 0 messages"], repr(result)
    rows = tern.json("sync").rows
    assert {row["folder"] for row in rows} == set(Folders.names) and [row["folder"] for row in rows if "error" in row] == ["Bad"]
    named = tern("sync", "ada/List 7")
    assert named.status == 0 and len(named.lines) == 1 and named.out.startswith("ada/List 7: nothing new; 0 messages"), repr(named)


def test_what_has_changed_is_told_by_itself(tern, empty_server):
    for folder in ("Projects", "Archive"):
        with empty_server.imap("ada") as client:
            client.create(folder)
        empty_server.append("ada", folder, b"Subject: one\r\n\r\ntext\r\n")
    tern.write(empty_server.account("ada"))
    first = tern.ok("sync").lines
    assert sorted(line.split(":")[0] for line in first if " 1 new;" in line) == ["ada/Archive", "ada/Projects"], first
    empty_server.append("ada", "Projects", b"Subject: two\r\n\r\ntext\r\n")
    again = tern.ok("sync").lines
    assert len(again) == 2 and again[0].startswith("ada/Projects: 1 new; 2 messages"), again
    assert re.fullmatch(r"ada: nothing new in the other \d+ folders; 1 message", again[1]), again
    assert re.fullmatch(r"ada: nothing new in its \d+ folders; 3 messages", tern.ok("sync").out.strip())


def test_a_pop3_account_that_fails_says_nothing_of_its_folders(tern):
    with PopServer([b"Subject: 1\r\n\r\ntext\r\n"]) as server:
        tern.write(server.account("pop"))
        tern.ok("sync")
        with socket.socket() as taken:  # bound, so that nobody else listens there, and does not listen itself
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            tern.write(server.account("pop").replace(f":{server.port}", f":{port}"))
            result = tern("sync")
    assert result.status == 1 and result.out == "" and len(told(result)) == 1, repr(result)
    assert told(result)[0].startswith("tern: pop: ") and f":{port} refused the connection" in result.err, repr(result)


def test_no_account_is_said_in_one_way(tern):
    for words in (("sync",), ("list",), ("folders",), ("account", "list"), ("account", "check"), ("journal",), ("outbox",)):
        result = tern(*words)
        assert result.status == 2 and result.out == "", (words, repr(result))
        assert told(result) == [f"tern: {tern.conf} has no account yet; tern.conf(5) tells how one is written"], words
        assert tern.json(*words).error["kind"] == "config", words


# --- the configuration ---

BEYOND = """[tern]
start = wrk/INBOX
editor = vi 'x
notify-command = notify-send "x
query-command = khard 'x %s
contacts = {there}; {fifo}; {missing}
[account work]
address = ada@example.org
addresses = ;;;;
incoming = mbox:{folder}
signature = {missing}
ca-file = {missing}
headers = Bcc: x; Organization: Example Ltd; nonsense
reply-to = garbage
password-command = pass "show
[account home]
address = ada@example.net
addresses = Ada <ada@example.com>; *@example.com; nobody
incoming = maildir:{there}
reply-to = zoe@example.com
signature-command = echo $(
[identity lists]
account = work
address = lists@example.org
signature = {missing}
headers = From: me
reply-to = also garbage
[aliases]
zoe =
"""


def test_what_the_configuration_names_is_looked_at(tern, tmp_path):
    there, fifo, missing = (tmp_path / name for name in ("there", "fifo", "missing"))
    there.write_text("")
    os.mkfifo(fifo)
    tern.write(BEYOND.format(there=there, fifo=fifo, missing=missing, folder=tmp_path))
    result = tern("config", "check")
    assert result.status == 2, repr(result)
    lines = [(int(line), text.strip()) for _, line, text in (line.split(":", 2) for line in result.lines)]
    assert [line for line, _ in lines] == [2, 3, 4, 5, 6, 6, 9, 10, 11, 12, 13, 13, 14, 15, 18, 19, 21, 25, 26, 27, 29], result.out
    for (line, text), says in zip(lines, (
            "start: there is no account “wrk”; did you mean work/INBOX?", "editor: the shell cannot read this command",
            "notify-command: ", "query-command: ", "neither a file of vCards nor", "contacts: cannot read", "addresses: there is no",
            "is a folder, and an mbox is a file", "signature: cannot read", "ca-file: cannot read", "“Bcc” cannot be set",
            "“nonsense” is no header field", "reply-to: “garbage”", "password-command: the shell cannot", "addresses: “nobody”",
            "is no folder, and a Maildir is one", "signature-command: the shell cannot", "signature: cannot read",
            "“From” cannot be set", "reply-to: “also garbage”", "zoe: there is no value")):
        assert says in text, (line, text, says)
    assert tern("doctor", "--offline").status == 2


def test_what_each_option_and_two_accounts_together_say(tern, tmp_path):
    for part in ("cur", "new", "tmp"):
        (tmp_path / "box" / part).mkdir(parents=True)
    (tmp_path / "other").symlink_to("box")
    tern.write(f"""[tern]
data-dir = {tern.conf}
undo-send = 9999d
attribution = On %d, %x wrote: 100%
[account one]
address = ada@example.org
incoming = maildir:{tmp_path}/box
[account two]
address = ada@example.org
incoming = maildir:{tmp_path}/other
language = de; x
[account three]
address = ada@example.org
incoming = mbox:{tmp_path}/mbox
[account four]
address = ada@example.org
incoming = mbox:{tmp_path}/mbox
""")
    result = tern("config", "check")
    assert result.status == 2 and [line.split(":", 1)[1] for line in result.lines] == [
        f"2: data-dir: {tern.conf} is no folder; name one",
        "3: undo-send: each message would wait for 9999d before it is sent; write at most 1d",
        "4: attribution: “%x” stands for nothing; %d is the date, %n the name, %a the address, %s the subject, %% a %",
        f"10: incoming: {tmp_path}/other is the mail of the account “one” already",
        "11: language: “de; x” is no language; write a tag as en or pt-BR, or several with commas",
        f"17: incoming: {tmp_path}/mbox is the mail of the account “three” already"], repr(result)


def test_what_it_names_and_is_right(tern, tmp_path):
    (tmp_path / "signature").write_text("Ada\n")
    (tmp_path / "book").mkdir()
    tern.write(f"""[tern]
start = Lists/tern
data-dir = {tmp_path}/not-made-yet
undo-send = 1d
attribution = %a, %n: %s (%d), 100%%, 5%
editor = vi "+set ft=mail"
notify-command = notify-send "{{subject}}"
contacts = {tmp_path}/book
[account work]
address = ada@example.org
addresses = Ada at work <ada@work.example>; *@example.net
incoming = maildir:{tmp_path}/not-there-yet
signature = {tmp_path}/signature
signature-command = printf '%s\\n' "$(date)" | tr a-z A-Z  # loud
headers = Organization: Example Ltd; X-Face: abc
reply-to = Ada <ada@example.com>, zoe@example.com
[aliases]
zoe = zoe@example.com
""".replace("signature-command", "# signature-command"))
    assert tern.ok("config", "check").out.endswith("is right; 1 account\n")


def test_config_show_has_what_is_in_effect(tern, tmp_path):
    tern.write(account("imaps://ada@localhost", "cache-size = 500M", "watch = INBOX; Lists"),
               account("pop3s://ada@localhost", name="pop"), account("pop3s://ada@localhost", "poll = 90s", name="often"),
               account(f"maildir:{tmp_path}/mail", "insecure = no", name="here"))
    shown = tern.ok("config", "show").out
    assert re.findall(r"^poll = .*", shown, re.M) == ["poll = 5m", "poll = 10m", "poll = 90s"], shown
    row = tern.json("config", "show").rows[0]
    assert row["options"]["text-width"] == 100 and row["options"]["hints"] is True and row["options"]["undo-send"] == 10
    assert row["options"]["contacts"] == [] and row["options"]["theme"] == "dark" and row["options"]["editor"] == ""
    ada, pop, often, here = row["accounts"]
    assert ada["watch"] == ["INBOX", "Lists"] and ada["cache-size"] == 500 << 20 and ada["max-connections"] == 3
    assert ada["insecure"] is False and ada["incoming"].startswith("imaps://") and ada["poll"] == 300
    assert pop["poll"] == 600 and often["poll"] == 90 and "poll" not in here


# --- two terns ---

@pytest.fixture
def holder(tern, server, tmp_path):
    """A tern that has the connections, of the account "ada", and keeps them: the trace of another one says so."""
    tern.write(server.account("ada"))
    running = tern.start("watch", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def has_them():
        trace = tmp_path / "who"
        tern.ok("sync", "ada/INBOX", "--trace", trace)
        return f"process {running.pid})" in trace.read_text()
    assert wait_until(has_them, 60)
    yield running
    running.terminate()
    running.wait(60)


def test_an_account_that_the_connected_tern_does_not_know(tern, server, holder):
    tern.write(server.account("ada").replace("account ada", "account renamed"))
    result = tern("sync")
    assert result.status == 1 and told(result) == [
        f"tern: the tern that has the connections (process {holder.pid}) was started before the account “renamed” was configured; "
        "end that one and start it again"], repr(result)


def test_a_trace_of_another_ones_connections(tern, holder, tmp_path):
    trace = tmp_path / "trace"
    result = tern.ok("sync", "--trace", trace)
    assert "start that one with --trace" in result.err, repr(result)
    text = trace.read_text()
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} engine - another tern", text) and f"process {holder.pid}" in text, text


def test_a_trace_that_cannot_be_written(tern, tmp_path):
    trace = tmp_path / "no-folder" / "trace"
    for words in (("list",), ("sync",), ("help",), ("version",), ("keys",)):
        result = tern(*words, "--trace", trace)
        assert result.status == 1, (words, repr(result))
        assert told(result) == [f"tern: cannot open the trace file {trace}: No such file or directory"], words


# --- what is made of tables ---

def test_keys_help_and_version_as_json(tern):
    keys = tern.json("keys").rows
    assert {"group": "Moving", "keys": "j, Down", "command": "next", "help": "to the next message, folder or line"} in keys
    assert [row["command"] for row in keys] == re.findall(r"^  .{22} (\S+)", tern.ok("keys").out, re.M)
    commands = tern.json("help").rows
    assert {"sync", "keys", "version"} <= {row["command"] for row in commands} and all(row["help"] for row in commands)
    assert tern.json("help", "sync").rows == tern.json("sync", "--help").rows == [row for row in commands if row["command"] == "sync"]
    (version,), (option,) = tern.json("version").rows, tern.json("--version").rows
    assert version == option == {"version": tern.ok("version").out.split()[1]}

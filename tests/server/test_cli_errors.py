"""What goes wrong gives one clear sentence with what to do, the right exit status, and loses nothing."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from lib.genmail import Generator, write_maildir
from lib.mailserver import wait_until
from lib.program import NEEDS_OWN_MOUNTS, OWN_MOUNTS

SOURCE = Path(__file__).resolve().parents[2]
GREETING = "S: * OK [CAPABILITY IMAP4rev1 LITERAL+] ready\n"
LOGIN = GREETING + "C~ \\S+ LOGIN .*\nS: {tag} OK [CAPABILITY IMAP4rev1 LITERAL+] in\n"


def account(incoming, *lines):
    return "\n".join(["[account ada]", "address = ada@example.org", f"incoming = {incoming}", "password = ada-secret",
                      *lines, ""])


def fails(tern, *words, kind, says, status=1, timeout=60):
    """Runs it as JSON: the failure's kind and sentence, with no secret in it; the sentence."""
    result = tern.json(*words, timeout=timeout)
    assert result.status == status, repr(result)
    assert result.error and result.error["kind"] == kind, repr(result)
    assert re.search(says, result.error["message"]), result.error["message"]
    assert "secret" not in result.err and result.error["message"].count("\n") <= (6 if kind == "tls" else 0)
    return result.error["message"]


# --- where it is started ---

@pytest.mark.parametrize("variables", [{"HOME": ""}, {"HOME": "rel"}, {"XDG_DATA_HOME": "rel"}, {"XDG_CACHE_HOME": "./rel"}])
def test_places_that_are_not_whole(tern, tmp_path, monkeypatch, variables):
    """Else each folder in which tern is started would get its own mail."""
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    result = tern("folders", profile=False, env=variables)
    assert result.status == 2 and not result.out, repr(result)
    assert result.err.count("\n") == 1 and "HOME" in result.err and "--profile" in result.err, repr(result)
    assert sorted(tmp_path.iterdir()) == before
    assert tern("folders", env=variables).err.startswith(f"tern: {tern.conf} ")  # in a profile nothing of it counts


def test_a_profile_that_is_a_file(tern):
    tern.write("")
    result = tern("--profile", tern.conf, "folders", profile=False)
    assert result.status == 2 and result.err == f"tern: --profile: {tern.conf} is no folder; name one\n", repr(result)


def limited(tern, limit, *words):
    return subprocess.run(["sh", "-c", f'{limit} && exec "$@"', "sh", *tern.argv(*words)], env=tern.environment(),
                          capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("limit", [16, 20, 40, 63])
def test_too_few_files_may_be_open(tern, limit):
    tern.write("")
    result = limited(tern, f"ulimit -n {limit}", "folders")
    assert result.returncode == 1 and result.stderr == (
        f"tern: this shell lets a program open {limit} files at once, and tern needs 64; run: ulimit -n 1024\n"), result


def test_more_files_are_taken_where_they_may_be(tern, tmp_path):
    tern.write(f"[account box]\naddress = ada@example.org\nincoming = maildir:{tmp_path}/Maildir\n")
    for limit in ("ulimit -S -n 20", "ulimit -n 64"):
        result = limited(tern, limit, "sync")
        assert result.returncode == 0 and not result.stderr, result


# --- who is there ---

def test_wrong_password(tern, server):
    tern.write(server.account("ada", password="wrong-secret"))
    fails(tern, "sync", kind="auth", says="password")
    fails_check(tern, "auth")


def fails_check(tern, kind):
    result = tern.json("account", "check")
    assert result.status == 1 and result.rows[0]["ok"] is False and result.rows[0]["error"]["kind"] == kind, repr(result)
    assert "secret" not in result.out + result.err


def test_password_command_that_fails(tern, server):
    tern.write(server.account("ada", password=None, password_command="echo no such entry >&2; exit 3"))
    fails(tern, "sync", kind="auth", says="no such entry")


def test_password_command(tern, server):
    tern.write(server.account("ada", password=None, password_command="echo ada-secret"))
    tern.ok("account", "check")


def test_unknown_host(tern):
    tern.write(account("imaps://ada@no-such-host.invalid"))
    fails(tern, "sync", kind="network", says="no-such-host.invalid")


def test_refused(tern):
    with socket.socket() as taken:  # bound, so that nobody else listens there, and does not listen itself
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        tern.write(account(f"imaps://ada@localhost:{port}"))
        fails(tern, "sync", kind="network", says=f"localhost.*{port}")


@pytest.mark.parametrize("kind, says", [("expired", "expired"), ("wrong-host", "localhost"), ("self-signed", "self-signed|trust"),
                                        ("not-yet", "only from 2048")])
def test_certificates(tern, make_server, kind, says):
    tern.write(make_server(cert=kind).account("ada"))
    message = fails(tern, "sync", kind="tls", says=says)
    assert re.search("[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}", message), "the fingerprint is missing"


def test_no_tls_where_tls_is_asked_for(tern, make_server):
    server = make_server(plain_only=True)
    tern.write(account(f"imaps://ada@localhost:{server.ports['imap']}"))
    fails(tern, "sync", kind="tls", says="TLS")


def test_no_starttls_where_it_is_asked_for(tern, make_server):
    server = make_server(plain_only=True)
    tern.write(account(f"imap+starttls://ada@localhost:{server.ports['imap']}"))
    fails(tern, "sync", kind="tls", says="STARTTLS")


# --- what it says ---

def test_bye(tern, scripted):
    server = scripted("S: * BYE come back later\n! close\n")
    tern.write(account(f"imap://ada@localhost:{server.port}"))
    fails(tern, "sync", kind="network", says="come back later")


def test_garbage(tern, scripted):
    server = scripted("S: \\x00\\xff<html>this is no mail server\\x1b[2J\n! close\n")
    tern.write(account(f"imap://ada@localhost:{server.port}"))
    message = fails(tern, "sync", kind="protocol", says="localhost|server")
    assert "\x1b" not in message


def test_endless_greeting(tern, scripted):
    server = scripted("S! 20000000 A\n! silent\n")
    tern.write(account(f"imap://ada@localhost:{server.port}"))
    fails(tern, "sync", kind="protocol", says=".")


def test_a_literal_of_4_gb_is_never_allocated(tern, scripted):
    script = LOGIN.format(tag="*").replace("C~ \\S+ LOGIN .*\nS: *", "C: $A LOGIN * *\nS: $A")
    server = scripted(script + "C: $B *\nS: * LIST () \"/\" {4294967295}\nS! 100000 x\n! close\n"
                      "C: $C *\n! close\n")
    tern.write(account(f"imap://ada@localhost:{server.port}"))
    result = tern.json("sync")
    assert result.status == 1 and result.error["kind"] in ("protocol", "network", "limit"), repr(result)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_silent_server_does_not_hold_a_signal(tern, scripted, number):
    server = scripted("! silent\n")
    tern.write(account(f"imap://ada@localhost:{server.port}"))
    running = tern.start("sync", "--json")
    assert wait_until(lambda: server.connections, 60)
    begin = time.monotonic()
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 1 and time.monotonic() - begin < 20  # a silent server is given up after a minute
    assert b'"kind":"cancelled"' in err and out == b""


@pytest.mark.slow
def test_a_silent_server_is_given_up(tern, scripted):
    server = scripted("! silent\n", timeout=200)
    tern.write(account(f"imap://ada@localhost:{server.port}"))
    fails(tern, "sync", kind="network", says="localhost", timeout=110)


def test_one_account_that_fails_stops_no_other(tern, server):
    tern.write(account("imaps://ada@no-such-host.invalid").replace("account ada", "account bad"), server.account("ada"))
    result = tern.json("sync")
    assert result.status == 1 and "no-such-host.invalid" in result.error["message"]
    assert {row["account"] for row in result.rows} == {"ada"}
    assert tern.json("list", "ada", "--limit", "1").rows


# --- the configuration ---

MISTAKES = """text-width = 1
[tern]
text-width = 1000
simbols = ascii
[account one]
incoming = imaps//h
poll = often
poll = 5m
what is this
[account two]
address = a@b.example
password = secret
[ziffern]
"""


def test_ten_mistakes_at_once(tern):
    tern.write(MISTAKES)
    tern.conf.chmod(0o644)
    result = tern("config", "check")
    assert result.status == 2
    assert [int(line.split(":")[1]) for line in result.lines] == [1, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13]
    assert all(line.startswith(f"{tern.conf}:") for line in result.lines) and "secret" not in result.out
    assert [row["line"] for row in tern.json("config", "check").rows] == [1, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13]
    for words in (("sync",), ("list",), ("folders",), ("account", "list"), ("config", "show")):
        told = tern(*words)
        assert told.status == 2 and len(told.err.splitlines()) == 11 and told.out == "" and "secret" not in told.err
    fails(tern, "list", kind="config", says="and 10 more", status=2)
    assert tern("doctor").status == 2 and tern("version").status == 0


KEYS_AND_THEME = """[tern]
theme = mine
[keys]
J = next
<C-k> = folder Archive
Z = fodler Archive
<C-x = quit
lsit:X = open
C-i = open
Tab = open
jx = quit
"""


def test_mistakes_that_only_the_screen_sees(tern):
    """Keys and themes are told with all the rest, and hinder no other command."""
    tern.write(KEYS_AND_THEME)
    themes = tern.conf.parent / "themes"
    themes.mkdir()
    (themes / "mine.theme").write_text("inherit = dark\nunread = redish\nunraed = red\n")
    result = tern("config", "check")
    assert result.status == 2, repr(result)
    told = [line.split(":", 2) for line in result.lines]
    assert [(Path(file).name, int(line)) for file, line, _ in told] == [
        *(("tern.conf", line) for line in (6, 7, 8, 10, 11)), ("mine.theme", 2), ("mine.theme", 3)]
    for (_, _, text), says in zip(told, ("did you mean folder?", "lacks its “>”", "did you mean list?", "in line 9",
                                         "“j = none”", "“redish”", "did you mean unread?")):
        assert says in text
    assert [row["line"] for row in tern.json("config", "check").rows] == [6, 7, 8, 10, 11, 2, 3]
    assert tern("doctor").status == 2
    assert "no account" in tern("list").err  # and nothing about keys
    assert "folder" in tern.ok("keys").out
    tern.write("[tern]\ntheme = nosuch\n")
    result = tern("config", "check")
    assert result.status == 2 and f"{tern.conf}:2: there is no theme “nosuch”" in result.out, repr(result)
    tern.write("[tern]\ntheme = mine\n[keys]\n<C-k> = folder Archive\ng<Enter> = open\n")
    (themes / "mine.theme").write_text("inherit = dark\nunread = red\n")
    tern.ok("config", "check")


def test_a_password_that_others_can_read(tern, server):
    tern.write(server.account("ada"))
    tern.conf.chmod(0o640)
    message = fails(tern, "sync", kind="config", says="chmod 600", status=2)
    assert str(tern.conf) in message
    tern.conf.chmod(0o600)
    tern.ok("account", "check")


def test_show_masks_passwords(tern, server):
    tern.write("[tern]\nhints = off\n", server.account("ada"))
    shown = tern.ok("config", "show").out
    assert "ada-secret" not in shown and "password = ********" in shown and "hints = no" in shown
    row = tern.json("config", "show").rows[0]
    assert row["accounts"][0]["password"] == "********" and row["options"]["text-width"] == 100
    listed = tern.json("account", "list").rows
    assert listed[0]["account"] == "ada" and listed[0]["incoming"] == server.account("ada").split("incoming = ")[1].split()[0]


@pytest.mark.parametrize("words, says", [
    (("lst",), "did you mean list"), (("list", "--limt", "3"), "did you mean --limit"), (("list", "--limit", "0"), "--limit"),
    (("list", "a", "b"), "too much"), (("show",), "missing"), (("config",), "Usage"), (("--profile",), "value"),
    (("--profile", ""), "needs the name of a folder"),
    (("show", "1", "--raw", "--text"), "exclude"), (("-f", "INBOX", "list"), "screen"), (("help", "nothing"), "no command"),
    (("account", "check", "--what"), "--what"),
])
def test_wrong_usage(tern, words, says):
    result = tern(*words)
    assert result.status == 2 and says in result.err and result.out == "", repr(result)


def test_help_needs_nothing(tern):
    tern.conf.write_text("[broken")
    for words in (("--help",), ("help",), ("list", "--help"), ("help", "list"), ("--version",), ("version",)):
        result = tern.ok(*words)
        assert "tern" in result.out and result.err == ""


# --- the machine ---

def test_a_full_output_is_told(synced):
    with open("/dev/full", "wb") as full:
        running = synced.start("list", stdout=full)
        assert b"No space left" in running.communicate(timeout=30)[1] and running.returncode == 1


def test_a_reader_that_goes_away_is_no_crash(synced):
    running = synced.start("list", "--json")
    running.stdout.close()
    assert running.stderr.read() == b"" and running.wait(30) == 0


def test_a_message_draws_one_line_of_a_list(tern, empty_server):
    """Line ends within encoded words draw no rows, no fields and no attachments of their own, in a pipe either."""
    empty_server.append("ada", "INBOX", b"From: e@example.org\r\nMessage-ID: <1@x>\r\n"
                        b"Subject: =?utf-8?Q?lunch=0A     77  10:00    N----  Boss=0D=E2=80=A8x?=\r\n"
                        b"Content-Type: application/pdf\r\nContent-Disposition: attachment;"
                        b" filename*=utf-8''a%0A2%20%20%20%20%20%2048%20B%20b.pdf\r\n\r\nbody\r\n")
    tern.write(empty_server.account("ada"))
    tern.ok("sync")
    for words in (("list",), ("list", "--threads"), ("attachments", "1")):
        assert len(tern.ok(*words).out.splitlines()) == 1, words
    fields = tern.ok("show", "1", "--headers").out.splitlines()
    assert len([line for line in fields if re.match(r"[\w-]+: ", line)]) == len(fields), fields
    assert tern.json("list").rows[0]["subject"].startswith("lunch\n")


def test_the_terminal_gets_no_escapes(tern, empty_server):
    empty_server.append("ada", "INBOX", b"From: \"=?utf-8?Q?E=1B]0;owned=07vil?=\" <e@example.org>\r\n"
                        b"Subject: =?utf-8?Q?red=1B[31m_=E2=80=AEback?=\r\nMessage-ID: <1@x>\r\n\r\n\x1b[2Jbody \x9b2J\x07\r\n")
    tern.write(empty_server.account("ada"))
    tern.ok("sync")
    for words in (("list",), ("list", "--json"), ("folders",), ("show", "1"), ("show", "1", "--raw"), ("show", "1", "--headers"),
                  ("show", "1", "--text"), ("show", "1", "--part", "1"), ("show", "1", "--json")):
        terminal = tern.terminal(80, 24, *words)
        terminal.wait_exit()
        raw = bytes(terminal.raw)
        terminal.close()
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae", raw), (words, raw)
    # in a pipe it is exact
    assert b"\x1b[2Jbody \x9b2J\x07" in tern.ok("show", "1", "--raw").raw_out
    assert tern.json("list").rows[0]["subject"] == "red\x1b[31m \u202eback"


@NEEDS_OWN_MOUNTS
def test_a_full_disk_loses_nothing(tern, empty_server, tmp_path):
    write_maildir(tmp_path / "mail", Generator(seed=3, count=3000, plain=True))
    empty_server.fill("ada", "INBOX", tmp_path / "mail")
    tern.write(empty_server.account("ada"))
    shutil.copy(tern.conf, tmp_path / "tern.conf")
    script = f"""mount -t tmpfs -o size=800k,mode=700 none {tern.profile} && cp {tmp_path}/tern.conf {tern.profile}/
        "$@" sync --json >{tmp_path}/full.out 2>{tmp_path}/full.err; echo $? >{tmp_path}/full.status
        "$@" list --json >{tmp_path}/part.out 2>{tmp_path}/part.err; echo $? >{tmp_path}/part.status
        mount -o remount,size=100m none {tern.profile}
        "$@" sync --json >{tmp_path}/again.out 2>&1; echo $? >{tmp_path}/again.status
        "$@" list --json >{tmp_path}/all.out"""
    env = {**tern.environment(), "ASAN_OPTIONS": "exitcode=99:detect_leaks=0", "UBSAN_OPTIONS": "exitcode=99"}
    subprocess.run([*OWN_MOUNTS, "sh", "-c", script, "sh", *tern.argv()], env=env, check=True, timeout=100)
    said = (tmp_path / "full.err").read_text()
    assert (tmp_path / "full.status").read_text() == "1\n", said
    assert '"kind":"store"' in said and re.search("full|space", said), said
    assert (tmp_path / "again.status").read_text() == "0\n", (tmp_path / "again.out").read_text()
    assert len((tmp_path / "all.out").read_text().splitlines()) == 3000


def test_a_profile_that_cannot_be_written(tern, server):
    if os.geteuid() == 0:
        blocked = tern.profile / "data"
        blocked.write_text("a file stands in the way")
    else:
        tern.profile.chmod(0o500)
    tern.write(server.account("ada"))
    try:
        fails(tern, "list", kind="store", says=re.escape(str(tern.profile)))
    finally:
        tern.profile.chmod(0o700)


def test_two_at_once(tern, empty_server, tmp_path):
    write_maildir(tmp_path / "mail", Generator(seed=4, count=2000, plain=True))
    empty_server.fill("ada", "INBOX", tmp_path / "mail")
    tern.write(empty_server.account("ada"))
    running = [tern.start("sync", "--json") for _ in range(3)]
    for one in running:
        out, err = one.communicate(timeout=100)
        assert one.returncode == 0, (out, err)
        assert b'"folder":"INBOX"' in out
    rows = tern.json("list").rows
    assert len(rows) == 2000 and len({row["uid"] for row in rows}) == 2000


def test_a_signal_in_the_middle_keeps_what_came(tern, empty_server, tmp_path):
    write_maildir(tmp_path / "mail", Generator(seed=5, count=6000, plain=True))
    empty_server.fill("ada", "INBOX", tmp_path / "mail")
    tern.write(empty_server.account("ada"))
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
        running = tern.start("sync")
        time.sleep(0.5)
        running.send_signal(number)
        running.communicate(timeout=60)
        assert running.returncode in (0, 1, -number)  # by the signal itself: it had not yet begun to connect
    tern.ok("sync", timeout=100)
    assert len({row["uid"] for row in tern.json("list").rows}) == 6000


# --- attachments ---

def test_saving_attachments(tern, empty_server, tmp_path):
    empty_server.append("ada", "INBOX", (
        b"From: a@b.example\r\nSubject: files\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
        b"--b\r\nContent-Type: text/plain; name=x\r\nContent-Disposition: attachment; filename=\"../../.bashrc\"\r\n\r\none\r\n"
        b"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"plan.pdf\"\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n"
        b"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"plan.pdf\"\r\n\r\ntwo\r\n--b--\r\n"))
    tern.write(empty_server.account("ada"))
    tern.ok("sync")
    listed = tern.json("attachments", "1").rows
    assert [row.get("filename") for row in listed] == ["../../.bashrc", "plan.pdf", "plan.pdf"]
    assert [row["part"] for row in listed] == ["2", "3", "4"] and listed[1]["size"] == 3
    folder = tmp_path / "out"
    saved = tern.ok("show", "1", "--save", folder).lines
    assert len(saved) == 3 and len(list(folder.iterdir())) == 3
    assert (folder / "plan.pdf").read_bytes() == b"\0\1\2" and (folder / "plan (2).pdf").exists()
    assert all((tmp_path / "out").samefile(os.path.dirname(path)) and os.stat(path).st_mode & 0o777 == 0o600 for path in saved)
    assert not any(p.name.startswith(".") for p in folder.iterdir())
    again = tern.json("show", "1", "--save", folder, "--part", "3").rows
    assert again == [{"part": "3", "file": str(folder / "plan (3).pdf")}]
    assert tern("show", "1", "--part", "9").status == 1
    assert tern.ok("show", "1", "--part", "3").raw_out == b"\0\1\2"


def test_what_is_wrong_is_json_from_every_command(tern):
    """Also wrong usage and a wrong configuration: each line on stderr is the object of the contract."""
    commands = re.findall(r'^    \{"([a-z ]+)",', (SOURCE / "src/cli/commands.c").read_text(), re.M)
    kinds = {"cancelled", "network", "tls", "auth", "refused", "protocol", "limit", "store", "crypto", "config", "input", "bug"}
    assert len(commands) > 25
    n_errors = 0
    for text in ("[account ada]\nincomin = x\n[foo]\n", account("imap://ada@localhost:1")):
        tern.write(text)
        for words in ([command, *more] for command in commands + ["no-such-command"]
                      for more in (["--bogus"], ["99999", "x", "y", "z"], ["--limit"], ["delete", "Nope"])):
            result = tern(*words, "--json", input="")
            for line in result.err.splitlines():
                error = json.loads(line)["error"]
                assert set(error) == {"kind", "message"} and error["kind"] in kinds and error["message"], (words, line)
                n_errors += 1
            assert result.status in (0, 1, 2) and (result.status == 0 or result.err or result.out), words
    assert n_errors > 150

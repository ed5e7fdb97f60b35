"""The terminal: which kinds, every size, stopping and going on, its end; and how tern starts."""
import signal
import time

import pytest

from lib.genmail import Generator, write_maildir
from lib.link import Link
from lib.scripted import ScriptedServer
from lib.terminal import Terminal


@pytest.mark.parametrize("name", ["xterm-256color", "xterm-16color", "xterm", "vt100", "linux", "screen"])
def test_kinds_of_terminals(tui, name):
    terminal = tui(80, 24, env={"TERM": name})
    terminal.wait("offline")
    assert "Łukasz Żółć" in terminal.row(1)
    assert terminal.reversed_rows() == [1]
    assert terminal.cell(2, 33).bold


def test_no_color(tui):
    terminal = tui(80, 24, env={"NO_COLOR": "1"})
    terminal.wait("offline")
    colours = {terminal.cell(row, col).fg for row in range(24) for col in range(80)}
    assert colours == {"default"} and terminal.reversed_rows() == [1] and terminal.cell(2, 33).bold


@pytest.mark.parametrize("name, said", [("nosuch-terminal", "is not known here"), ("dumb", "cannot move its cursor"),
                                        ("", "is not known here")])
def test_terminals_that_cannot_do(tui, name, said):
    terminal = tui(80, 24, env={"TERM": name})
    assert terminal.wait_exit() == 2
    assert said in " ".join(terminal.text().split())


def test_no_terminal(ada_synced):
    done = ada_synced()
    assert done.status == 2 and "needs a terminal" in done.err


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_outside_utf8(tui, locale):
    terminal = tui(80, 24, env={"LANG": locale, "LC_ALL": locale})
    terminal.wait("- offline")
    assert all(byte < 0x80 for byte in terminal.raw)
    assert terminal.row(2).startswith("+ 2024-11 *")


def test_every_size(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    for n in range(60):
        terminal.resize(1 + n * 37 % 170, 1 + n * 17 % 45)
        terminal.send(("j", "<Enter>", "q", "z", "?", "q", "<C-p>", "<Esc>", ":x", "<Esc>", "y", "<Enter>")[n % 12])
        if n % 3 == 0:
            terminal.settle(0.02)
    terminal.resize(1, 1)
    terminal.settle()
    terminal.send("j")
    terminal.resize(80, 24)
    terminal.wait("offline")
    terminal.send(":folder INBOX<Enter>")
    terminal.wait("9 messages")
    terminal.send(":quit<Enter>")
    assert terminal.wait_exit() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_end_it(tui, number):
    terminal = tui(80, 24, online=True)
    terminal.wait("work/INBOX")
    terminal.signal(number)
    assert terminal.wait_exit() == 0


def test_the_terminal_goes_away(ada_synced, tui):
    terminal = tui(80, 24, online=True)
    terminal.wait("2 unread")
    terminal.send("N")
    terminal.wait("1 unread")
    begin = time.monotonic()
    terminal.hangup()
    terminal.wait_exit()
    assert time.monotonic() - begin < 3
    assert "seen" in ada_synced.json("list", "INBOX", "--limit", "1").rows[0]["flags"]


def test_end_of_file_without_sighup(ada_synced, tui):
    """A terminal that ends for a program which ignores SIGHUP, as under nohup: it must not spin."""
    argv = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *map(str, ada_synced.argv("--offline"))]
    terminal = Terminal(argv, env=ada_synced.env)
    terminal.wait("offline")
    begin = time.monotonic()
    terminal.hangup()
    terminal.wait_exit()
    assert time.monotonic() - begin < 3


def test_stopped_and_continued(ada_synced):
    shell = Terminal(["bash", "--norc", "--noprofile", "-i"], env={**ada_synced.env, "PS1": "shell> "})
    try:
        shell.wait("shell>")
        shell.send(" ".join(map(str, ada_synced.argv("--offline"))) + "<Enter>")
        shell.wait("1 of 6")
        shell.send("<C-z>")
        shell.wait("Stopped")
        shell.send("echo here<Enter>", "fg<Enter>")
        shell.wait("1 of 6")
        shell.send("j")
        shell.wait("2 of 6")
        shell.send("q")
        shell.wait_gone("2 of 6")
        shell.send("echo gone $?<Enter>")
        shell.wait("gone 0")
    finally:
        shell.close()


def test_stopped_in_the_middle_of_a_sync(empty_server, tern, tmp_path):
    """Ctrl-Z gives the connection up; fg takes a new one and goes on with what was under way."""
    write_maildir(tmp_path / "many", Generator(seed=3, count=3000))
    empty_server.fill("ada", "INBOX", tmp_path / "many")
    with Link(empty_server.ports["imaps"], rate=100_000) as link:  # half a minute for all of it
        tern.write(empty_server.account("ada").replace(str(empty_server.ports["imaps"]), str(link.port)))
        shell = Terminal(["bash", "--norc", "--noprofile", "-i"], env={**tern.env, "PS1": "shell> "})
        try:
            shell.wait("shell>")
            shell.send(" ".join(map(str, tern.argv())) + "<Enter>")
            shell.wait("syncing INBOX")
            shell.send("<C-z>")
            shell.wait("Stopped")
            assert len(tern.json("list", "--limit", "5000").rows) < 3000
            link.rate = None
            shell.send("fg<Enter>")
            shell.wait("live", 60)
            shell.wait_for(lambda: len(tern.json("list", "--limit", "5000").rows) == 3000, 60)
            shell.send("q")
            shell.wait("shell>")
        finally:
            shell.close()


def test_first_folders_come_while_help_is_searched(tern, screen):
    """What comes in opens the Inbox behind the help that is being read, and takes nothing from under the prompt."""
    talk = ("S: * OK [CAPABILITY IMAP4rev1 LITERAL+] ready\nC~ (?P<a>\\S+) LOGIN .*\n"
            "S: $a OK [CAPABILITY IMAP4rev1 LITERAL+] in\nC~ (?P<e>\\S+) EXAMINE .*\nS: * 0 EXISTS\nS: $e OK x\n"
            "C~ (?P<l>\\S+) LIST .*\n! hold\n"
            'S: * LIST () "/" INBOX\nS: $l OK x\nC~ (?P<m>\\S+) LSUB .*\nS: $m OK x\n! silent\n')
    with ScriptedServer(talk) as server:
        tern.write(f"[account ada]\naddress = ada@example.org\nincoming = imap://ada@127.0.0.1:{server.port}\n"
                   "password = p\n")
        terminal = screen(80, 24)
        terminal.wait("The folders are being fetched")
        terminal.send("?")
        terminal.wait("Keys in the list of messages")
        terminal.send("/", "quits")
        terminal.wait("quits")
        server.go_on()
        terminal.wait_for(lambda: tern.json("folders").rows)
        time.sleep(0.3)
        terminal.send("<Enter>")
        terminal.settle()
        assert "Keys in the list of messages" in terminal.text() and "back to where one came from" in terminal.text()
        terminal.send("q")
        terminal.wait("ada/INBOX")


def test_stopped_by_a_signal_keeps_the_screen(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.signal(signal.SIGSTOP)
    time.sleep(0.2)
    terminal.signal(signal.SIGCONT)
    terminal.send("j")
    terminal.wait("2 of 6")


def test_first_start_without_an_account(tern, screen):
    terminal = screen(80, 24)
    for text in ("Welcome to tern", "tern.conf", "[account work]", "incoming = imaps://"):
        terminal.wait(text)
    terminal.send("y", "<Enter>", "q")
    terminal.settle()
    terminal.send("q")
    assert terminal.wait_exit() == 0


def test_first_start_fills_the_list(work, screen):
    terminal = screen(80, 24)
    terminal.wait("Release 2.1 is out")
    terminal.wait("9 messages")


def test_mistakes_in_the_configuration_are_told(ada_synced, tui):
    ada_synced.conf.write_text("[tern]\nthem = dark\nhints = perhaps\n" + ada_synced.conf.read_text())
    terminal = tui(80, 24)
    terminal.wait("tern.conf:2:")
    assert "Release 2.1" in terminal.row(1)


def test_a_wrong_key_binding_is_told(ada_synced, tui):
    ada_synced.conf.write_text("[keys]\nx = nosuch\n" + ada_synced.conf.read_text())
    terminal = tui(80, 24)
    terminal.wait("tern.conf:2:")


def test_folder_of_the_command_line(tui):
    terminal = tui(80, 24, "-f", "Projects/tern")
    terminal.wait("work/Projects/tern")
    other = tui(80, 24, "-f", "nosuch")
    other.wait("there is no folder “nosuch”")
    assert "work/INBOX" in other.row(0)


def test_only_if_unread(ada_synced, tui):
    terminal = tui(80, 24, "-z", "-f", "Archive")
    assert terminal.wait_exit() == 1
    other = tui(80, 24, "-z")
    other.wait("2 unread")


@pytest.mark.parametrize("words, conf, why", [
    (("-f", "nosuch"), None, "there is no folder “nosuch”"),
    (("-f", "a\x1b[31mb"), None, "there is no folder “a"),
    ((), "", "has no account yet"),
    ((), "[account new]\naddress = n@example.org\nincoming = imap://n@localhost:9\n", "run: tern sync new"),
    ((), "[account work]\nincomming = imap://n@localhost:9\n", "tern.conf:2: "),
])
def test_only_if_unread_where_nobody_knows(ada_synced, words, conf, why):
    if conf is not None:
        ada_synced.write(conf)
    result = ada_synced("--offline", "-z", *words)
    assert result.status == 2 and why in result.err, result
    assert "nothing is unread" not in result.err and "\x1b" not in result.err, result


def test_wrong_password(work, office, screen):
    work.write(office.account("ada", section="work").replace("ada-secret", "wrong"))
    terminal = screen(80, 24)
    terminal.wait("! password?")
    # The keyboard stays the user's.
    terminal.send("?")
    terminal.wait("Keys in the list")


def test_two_at_once(ada_synced, tui):
    one, two = tui(80, 24, online=True), tui(80, 24, online=True)
    one.wait("2 unread")
    two.wait("2 unread")
    one.send("N")
    two.wait("1 unread")
    one.send(":quit<Enter>")
    assert one.wait_exit() == 0
    two.send("<Enter>")
    two.wait("line 3 of a long text")

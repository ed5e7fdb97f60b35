"""A connection's states in the status line, each as a real server makes it, at three sizes."""
import re

import pytest

from lib.genmail import Generator, write_maildir
from lib.link import Link
from lib.ownimap import OwnImap
from lines import SIZES, status, wait_for_status


@pytest.mark.parametrize("cols,rows", SIZES)
def test_offline_and_idle(account, one, screen, cols, rows):
    account(one)
    with screen(cols, rows, "--offline") as terminal:
        wait_for_status(terminal, " ○ offline")
        terminal.send("O")
        wait_for_status(terminal, " ● (connected|live)")
        terminal.wait("Budget")
        terminal.send("O")
        wait_for_status(terminal, " ○ offline")


@pytest.mark.parametrize("cols,rows", SIZES)
def test_connecting(account, one, screen, cols, rows):
    with Link(one.ports["imaps"]) as link:
        account(one, link.port)
        link.silence()
        with screen(cols, rows) as terminal:
            wait_for_status(terminal, " ◐ connecting")
            link.heal()
            wait_for_status(terminal, " ● (connected|live)")


@pytest.mark.parametrize("cols,rows", SIZES)
def test_waiting(account, one, screen, cols, rows):
    account(one)
    with screen(cols, rows) as terminal:
        wait_for_status(terminal, " ● (connected|live)")
        one.stop()
        seen = set()  # it counts down by itself
        terminal.wait_for(lambda: seen.update(re.findall(r"^ ○ again in (\d+) s", status(terminal))) or len(seen) > 1, 60)
        one.start()
        terminal.send("$")
        wait_for_status(terminal, " ● (connected|live)")


@pytest.mark.parametrize("cols,rows", SIZES)
def test_working(account, make_server, screen, tmp_path, cols, rows):
    server = make_server()
    write_maildir(tmp_path / "many", Generator(seed=3, count=1500, plain=True))
    server.fill("ada", "INBOX", tmp_path / "many")
    trace = tmp_path / "trace"
    with Link(server.ports["imaps"], rate=40_000) as link:
        account(server, link.port)
        with screen(cols, rows, "--trace", str(trace)) as terminal:
            wait_for_status(terminal, r" ◐ syncing INBOX( [1-9][0-9,]* of 1,500|.*…)", 60)
            link.rate = None
            wait_for_status(terminal, " ● (connected|live)", 60)
    # Opened by its reader, asked for with the account, given to the connection that watches it: and fetched once.
    asked = re.findall(r" > (?:UID )?FETCH ([0-9:]+) \(UID FLAGS MODSEQ INTERNALDATE", trace.read_text())
    assert asked and len(asked) == len(set(asked))


@pytest.mark.parametrize("cols,rows", SIZES)
def test_a_person_is_needed(account, one, screen, cols, rows):
    account(one, password="wrong")
    with screen(cols, rows) as terminal:
        wait_for_status(terminal, r" ! password\?")
    account(one, ca_file=None)
    with screen(cols, rows) as terminal:
        wait_for_status(terminal, r" ! certificate\?")


def test_the_worse_of_two_is_shown(tern, one, screen):
    tern.write(one.account("ada", section="work"), one.account("bob", section="home", password="wrong"))
    with screen(80, 24) as terminal:
        wait_for_status(terminal, r" ! password\? \(home, 1 of 2\)")
        terminal.send("y")
        terminal.wait_for(lambda: any("● " in terminal.row(row) for row in terminal.rows_with("ada@example.org")))
        assert "password?" in terminal.row(terminal.rows_with("bob@example.org")[0])
    tern.write(one.account("ada", section="work"), one.account("bob", section="home", offline="yes"))
    with screen(80, 24) as terminal:
        wait_for_status(terminal, " ● (connected|live)")  # what is to be offline is nothing to tell of


EMPTY = {"password": "Nothing can be fetched: .* P enters the password", "offline": "tern is offline; O goes online",
         "gone": "Nothing can be fetched: .* It is tried again by itself", "mistake": "Nothing can be fetched: .*mistakes",
         "stays": "The account stays offline, as the configuration says"}


@pytest.mark.parametrize("cols,rows", SIZES)
@pytest.mark.parametrize("state", EMPTY)
def test_a_first_start_says_why_nothing_comes(account, tern, one, screen, state, cols, rows):
    account(one, **({"password": "wrong"} if state == "password" else {"offline": "yes"} if state == "stays" else {}))
    if state == "gone":
        one.stop()
    if state == "mistake":
        tern.write(tern.conf.read_text() + "incomming = x\n")
    with screen(cols, rows, *(["--offline"] if state == "offline" else [])) as terminal:
        body = lambda: " ".join(" ".join(terminal.row(n).split("│")[-1] for n in range(1, rows - 3)).split())
        terminal.send("j")  # what the bottom line says goes
        terminal.wait_for(lambda: re.search(EMPTY[state], body()), 60, what=EMPTY[state])


def test_a_folder_that_fails_says_why(tern, screen):
    with OwnImap(folders=['"/" INBOX'], exists=3) as server:
        server.answers["EXAMINE"] = lambda talk: talk.send(f"{talk.tag} NO the mailbox is broken\r\n")
        server.answers["SELECT"] = server.answers["EXAMINE"]
        tern.write(server.account())
        terminal = screen(80, 24)
        terminal.wait(re.compile(r"Nothing can be fetched: .*the\s+mailbox is broken"), 60)

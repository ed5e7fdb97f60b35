"""Two terns on one account: with a profile each, so that they meet only at the server, and on one profile, where one holds the
engine. Times are measured and told (-s); the tests wait longer than what is promised, since the machine may be busy."""
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest

from lib.program import OPTIMISED, Tern
from lib.torture import LONG
from office import message

PATIENCE = 30


@pytest.fixture
def ground(make_server):
    """A server with three messages; server options are the test's parameter."""
    def start(**options):
        server = make_server(**options)
        server.create("ada", "Archive", "Projects")
        for day, subject in enumerate(("First one", "Second one", "Third one"), 1):
            server.append("ada", "INBOX", message("Zoë <zoe@example.com>", subject, day=day), r"\Seen")
        return server
    return start


@pytest.fixture
def profiles():
    """A function that makes a tern in a new profile; all screens are closed at the end."""
    folders, screens = [], []

    def make(account):
        folders.append(Path(tempfile.mkdtemp(prefix="tern-")))
        tern = Tern(folders[-1], OPTIMISED)
        tern.write(account)
        return tern

    def screen(tern, cols=100, *words):
        screens.append(tern.terminal(cols, 24, *words))
        return screens[-1]
    make.screen = screen
    yield make
    for one in screens:
        one.close()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def seconds(terminal, what, condition):
    """How long until it can be seen on a screen where no key is pressed."""
    began = time.monotonic()
    terminal.wait_for(condition, PATIENCE, what=what)
    return time.monotonic() - began


def tell(what, times, promised):
    """Under a sanitizer and beside other tests a time says nothing; `make torture` holds it against what is promised."""
    print(f"{what}: {', '.join(f'{t:.2f}' for t in times)} s")
    assert not LONG or max(times) < promised, times


def row(terminal, subject):
    numbers = terminal.rows_with(subject)
    return terminal.row(numbers[0]) if numbers else ""


def both_live(make, server, **keys):
    screens = []
    for _ in range(2):
        screens.append(make.screen(make(server.account("ada", **keys))))
        screens[-1].wait("Third one", PATIENCE)
        screens[-1].wait("live", PATIENCE)
        screens[-1].settle()
    return screens


WAYS = pytest.mark.parametrize("without", [(), ("NOTIFY",)], ids=["NOTIFY", "IDLE"])


@pytest.mark.torture
@WAYS
def test_what_one_does_the_other_shows(ground, profiles, without):
    """A flag, its going, a move: on the other's screen without a key."""
    mine, theirs = both_live(profiles, ground(without=without))
    times = []
    mine.send("F")
    times.append(seconds(theirs, "the flag", lambda: "★" in row(theirs, "Third one")))
    mine.send("F")
    times.append(seconds(theirs, "no flag", lambda: "★" not in row(theirs, "Third one")))
    mine.send("a")
    times.append(seconds(theirs, "the move", lambda: not theirs.rows_with("Third one")))
    mine.send("u")
    times.append(seconds(theirs, "the move back", lambda: theirs.rows_with("Third one")))
    tell("flag, no flag, archived, undone", times, 2)


@pytest.mark.torture
@WAYS
def test_imaplib_sees_what_is_done_here(ground, profiles, without):
    server = ground(without=without)
    mine = profiles.screen(profiles(server.account("ada")))
    mine.wait("live", PATIENCE)
    mine.wait("Third one", PATIENCE)
    with server.imap("ada") as other:
        other.select("INBOX")

        def found(criteria):
            other.noop()
            return len(other.search(None, criteria)[1][0].split())
        times = []
        for key, criteria, count in (("F", "FLAGGED", 1), ("N", "UNSEEN", 1), ("a", "ALL", 2), ("u", "ALL", 3)):
            mine.send(key)
            times.append(seconds(mine, criteria, lambda criteria=criteria, count=count: found(criteria) == count))
    tell("flagged, unread, archived, undone", times, 2)


@pytest.mark.torture
def test_a_new_folder_by_notify(ground, profiles):
    server = ground()
    mine, theirs = both_live(profiles, server)
    for terminal in (mine, theirs):
        terminal.send("y")
        terminal.wait("Projects", PATIENCE)
    mine.send(":", "folder-create Fresh<Enter>")
    times = [seconds(theirs, "the folder", lambda: theirs.rows_with("Fresh"))]
    server.create("ada", "Größe & mehr")
    times.append(seconds(theirs, "another client's", lambda: theirs.rows_with("Größe & mehr")))
    tell("a folder made", times, 2)


def test_a_new_folder_by_idle_at_the_next_poll(ground, profiles):
    server = ground(without=("NOTIFY",))
    mine = profiles.screen(profiles(server.account("ada", poll="3s")))
    mine.wait("live", PATIENCE)
    mine.send("y")
    mine.wait("Projects", PATIENCE)
    server.create("ada", "Fresh", "Größe")
    seconds(mine, "the folder", lambda: mine.rows_with("Fresh") and mine.rows_with("Größe"))


# --- on one profile ---

@pytest.mark.torture
def test_changes_of_one_process_in_anothers_screen(ground, profiles):
    server = ground()
    tern = profiles(server.account("ada"))
    tern.ok("sync")
    mine, other = (profiles.screen(tern, 100, "--offline") for _ in range(2))
    for terminal in (mine, other):
        terminal.wait("Third one", PATIENCE)
        terminal.settle()
    times = []
    mine.send("F")
    times.append(seconds(other, "the flag", lambda: "★" in row(other, "Third one")))
    mine.send("a")
    times.append(seconds(other, "the move", lambda: not other.rows_with("Third one")))
    mine.send("u")
    times.append(seconds(other, "the move back", lambda: other.rows_with("Third one")))
    tern.ok("--offline", "archive", tern.json("--offline", "list", "--limit", "1").rows[0]["id"])
    times.append(seconds(other, "a command's", lambda: not other.rows_with("Third one")))
    tell("flag, archived, undone, by a command", times, 0.3)


def logins(server):
    return server.log().count("imap-login: Info: Login:")


def leave_by(terminal, how):
    if how == "quit":
        terminal.send("q")
        terminal.wait_exit(PATIENCE)
    elif how == "stop":
        terminal.send("<C-z>")
    else:
        terminal.signal(signal.SIGKILL)


@pytest.mark.torture
@pytest.mark.parametrize("how", ["quit", "stop", "kill"])
def test_another_takes_over(ground, profiles, how):
    """The one that holds the engine goes; the other is connected by itself, and what comes is seen."""
    server = ground()
    tern = profiles(server.account("ada"))
    tern.ok("sync")
    holder = profiles.screen(tern)
    holder.wait("live", PATIENCE)
    other = profiles.screen(tern)
    other.wait("Third one", PATIENCE)
    other.settle()
    before, began = logins(server), time.monotonic()
    leave_by(holder, how)
    other.wait_for(lambda: logins(server) > before, PATIENCE, what="a login")
    times = [time.monotonic() - began]
    server.deliver("ada", message("New <n@example.com>", "After the change", day=9))
    times.append(seconds(other, "the message", lambda: other.rows_with("After the change")))
    tell(f"{how}: a login, and news", times, 2)
    if how == "stop":
        holder.signal(signal.SIGCONT)

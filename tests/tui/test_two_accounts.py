"""Mail that goes from one account to another by keys: seen there at once, done behind, undone like anything else."""
import pytest

from lib.mailbox import visit
from office import INBOX

SIZES = [(80, 24), (120, 40), (40, 12)]
THREADS = 6  # of the Inbox


@pytest.fixture
def world(make_server, tern, tmp_path):
    """A Maildir with the office's Inbox, and an empty account on a server."""
    root = tmp_path / "Maildir"
    for part in ("cur", "new", "tmp"):
        (root / part).mkdir(parents=True)
    for n, (raw, _) in enumerate(INBOX):
        raw = raw if isinstance(raw, bytes) else raw.encode()
        (root / "cur" / f"17900000{n:02}.M1P1.other:2,").write_bytes(raw.replace(b"\r\n", b"\n"))
    server = make_server()
    tern.write(f"[account local]\naddress = ada@example.org\nincoming = maildir:{root}\n", server.account("ada", "post"))
    tern.ok("sync")
    return server, root


def count_there(server):
    with visit(server, "ada") as imap:
        return int(imap.select("INBOX", readonly=True)[1][0])


def count_here(root):
    return sum(1 for part in ("new", "cur") for _ in (root / part).iterdir())


@pytest.mark.parametrize("size", SIZES)
def test_moved_by_a_few_letters(tern, world, screen, size):
    server, root = world
    terminal = screen(*size)
    terminal.wait(f" of {THREADS}", timeout=60)
    before = count_here(root)
    terminal.send("s")
    terminal.wait("Move to:", timeout=60)
    terminal.send("post/inb")
    terminal.wait("post/INBOX", timeout=60)
    terminal.send("<Enter>")
    terminal.wait(f" of {THREADS - 1}", timeout=60)
    moved = before - len(tern.json("--offline", "list", "local/INBOX", "--limit", "1000").rows)
    terminal.wait_for(lambda: count_there(server) == moved, timeout=60, what="the mail on the server")
    terminal.wait_for(lambda: count_here(root) == before - moved, timeout=60, what="the files gone")
    terminal.send("u")
    terminal.wait(f" of {THREADS}", timeout=60)
    terminal.wait_for(lambda: count_here(root) == before, timeout=60, what="the files back")
    terminal.wait_for(lambda: count_there(server) == 0, timeout=60, what="nothing left on the server")


def test_copied_to_a_folder_that_is_named(tern, world, screen):
    server, root = world
    terminal = screen(80, 24)
    terminal.wait(f" of {THREADS}", timeout=60)
    before = count_here(root)
    terminal.send(":copy post/INBOX<Enter>")
    terminal.wait("to post/INBOX", timeout=60)
    terminal.wait_for(lambda: count_there(server) > 0, timeout=60, what="the copy on the server")
    terminal.wait_for(lambda: tern.json("--offline", "journal").rows == [], timeout=60, what="an empty journal")
    assert count_here(root) == before


@pytest.mark.parametrize("typed", ["post", "post inb"])
def test_an_accounts_name_means_its_inbox(tern, world, screen, typed):
    terminal = screen(80, 24)
    terminal.wait(f" of {THREADS}", timeout=60)
    terminal.send("c")
    terminal.wait("Folder:", timeout=60)
    terminal.send(typed)
    terminal.wait("post/INBOX", timeout=60)
    terminal.send("<Enter>")
    terminal.wait(" post/INBOX ", timeout=60)
    assert "post/INBOX" in terminal.row(0)


def test_an_account_that_was_removed(tern, world, screen):
    """Its mail can be read; it is not offered, and what would never reach its server is refused."""
    server, root = world
    kept = tern.conf.read_text()
    tern.write(server.account("ada", "post"))
    terminal = screen(80, 24, "--offline")
    terminal.wait("No messages here.")
    terminal.send("c", "inb")
    terminal.wait("Folder: inb")
    assert "local" not in terminal.text()
    terminal.send("<C-g>", ":folders<Enter>")
    terminal.wait("local — not in the configuration")
    terminal.send("G", "<Enter>")
    terminal.wait("local/INBOX")
    terminal.wait("read only")
    terminal.wait(f" of {THREADS}")
    for keys in ("d", "F", "<C-k>", ":move post/INBOX<Enter>"):
        terminal.send(keys)
        terminal.wait("the account “local” is no longer in the configuration")
        terminal.send("j")
        terminal.wait_gone("no longer in the configuration")
    terminal.send("<Enter>")
    terminal.wait("From")
    terminal.settle()
    assert "no longer" not in terminal.text()  # what is opened is not marked read there, without a word
    terminal.send(":quit<Enter>")
    assert terminal.wait_exit(10) == 0
    tern.write(kept)
    assert not tern.json("journal").rows


@pytest.fixture
def beginning(make_server, tern, tmp_path):
    """Nothing is known yet: the first account's server does not answer, the second's Maildir is here at once."""
    root = tmp_path / "Maildir"
    for part in ("cur", "new", "tmp"):
        (root / part).mkdir(parents=True)
    server = make_server()
    tern.write(server.account("ada", "post"), f"[account local]\naddress = ada@example.org\nincoming = maildir:{root}\n")
    server.freeze()
    yield server
    server.thaw()


def is_known(tern, name):
    rows = tern.json("--offline", "folders").rows
    return any(f"{row['account']}/{row['folder']}" == name for row in rows)


@pytest.mark.parametrize("size", SIZES)
def test_the_first_accounts_inbox_comes_when_it_is_known(beginning, screen, size):
    terminal = screen(*size)
    terminal.wait_for(lambda: "local/INBOX" in terminal.row(0), timeout=60, what="the Inbox that is here")
    beginning.thaw()
    terminal.wait_for(lambda: "post/INBOX" in terminal.row(0), timeout=60, what="the first account's Inbox")
    terminal.send("q")
    assert terminal.wait_exit() == 0


def test_who_has_pressed_a_key_stays_where_they_are(tern, beginning, screen):
    terminal = screen(80, 24)
    terminal.wait_for(lambda: "local/INBOX" in terminal.row(0), timeout=60, what="the Inbox that is here")
    terminal.send("j")
    terminal.settle()
    beginning.thaw()
    terminal.wait_for(lambda: is_known(tern, "post/INBOX"), timeout=60, what="the first account's folders")
    terminal.send("c")
    terminal.wait("Folder:", timeout=60)
    terminal.send("post/inb")
    terminal.wait("post/INBOX", timeout=60)
    assert "local/INBOX" in terminal.row(0)


def test_a_folder_asked_for_is_waited_for(beginning, screen):
    terminal = screen(80, 24, "-f", "post/INBOX")
    terminal.wait_for(lambda: "local/INBOX" in terminal.row(0), timeout=60, what="the Inbox that is here")
    assert "there is no folder" not in terminal.text()
    beginning.thaw()
    terminal.wait_for(lambda: "post/INBOX" in terminal.row(0), timeout=60, what="the folder asked for")
    assert "there is no folder" not in terminal.text()


def test_a_folder_that_is_nowhere_is_told_once_all_are_known(beginning, screen):
    terminal = screen(80, 24, "-f", "Nowhere")
    terminal.wait_for(lambda: "local/INBOX" in terminal.row(0), timeout=60, what="the Inbox that is here")
    beginning.thaw()
    terminal.wait("there is no folder “Nowhere”", timeout=60)
    assert "post/INBOX" in terminal.row(0)


def test_a_folder_that_is_nowhere_is_told_at_the_first_key(beginning, screen):
    terminal = screen(80, 24, "-f", "Nowhere")
    terminal.wait_for(lambda: "local/INBOX" in terminal.row(0), timeout=60, what="the Inbox that is here")
    terminal.send("j")
    terminal.wait("there is no folder “Nowhere”", timeout=60)


def test_offline_a_folder_that_is_nowhere_is_told_at_once(beginning, tern, screen):
    tern("sync", "local")
    terminal = screen(80, 24, "--offline", "-f", "Nowhere")
    terminal.wait("there is no folder “Nowhere”", timeout=60)

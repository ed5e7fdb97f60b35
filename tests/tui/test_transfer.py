"""Import and export by commands of the screen: which file, which folder, how far it is, ended and gone on with."""
import fcntl
import mailbox
import signal
import time

import pytest

from lib.genmail import Generator, write_mbox

COUNT = 40


@pytest.fixture
def old(tern, tmp_path):
    """An mbox of another program's, and a Maildir account without mail."""
    for part in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    tern.write(f"[account local]\naddress = ada@example.org\nincoming = maildir:{tmp_path}/Maildir\n")
    tern.ok("sync")
    path = tmp_path / "old-mail.mbox"
    write_mbox(path, Generator(seed=8, count=COUNT))
    return path


def rows(tern, folder):
    return tern.json("--offline", "list", f"local/{folder}", "--limit", "1000").rows


def import_from(terminal, path, into=""):
    """Into the folder that is offered, or the one that is named."""
    terminal.send(f":import {path}<Enter>")
    terminal.wait("Import into", timeout=60)
    terminal.send(f"{into}<Enter>")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)])
def test_in_and_out(tern, old, screen, tmp_path, size):
    terminal = screen(*size)
    terminal.wait("INBOX", timeout=60)
    terminal.send(":import<Enter>")
    terminal.wait("Import (mbox or Maildir)", timeout=60)
    terminal.send(f"{tmp_path}/old<Tab>")
    terminal.wait("mail.mbox", timeout=60)
    terminal.send("<Enter>")
    terminal.wait("Import into", timeout=60)
    terminal.send("<Enter>")
    terminal.wait(f"Imported: {COUNT} new", timeout=60)
    assert len(rows(tern, "INBOX")) == COUNT
    # Again: nothing is there twice.
    import_from(terminal, old)
    terminal.wait("Imported: 0 new", timeout=60)
    terminal.send(":export<Enter>")
    terminal.wait("Export:", timeout=60)
    terminal.send("<Enter>")
    terminal.wait("To (mbox", timeout=60)
    terminal.send(f"{tmp_path}/out.mbox<Enter>")
    terminal.wait(f"Exported: {COUNT} new", timeout=60)
    assert len(mailbox.mbox(tmp_path / "out.mbox", create=False)) == COUNT


def test_into_a_folder_that_is_new(tern, old, screen):
    terminal = screen(80, 24)
    terminal.wait("INBOX", timeout=60)
    import_from(terminal, old, "local/Taken")
    terminal.wait(f"Imported: {COUNT} new", timeout=60)
    assert len(rows(tern, "Taken")) == COUNT


def test_what_is_no_mail_is_told(tern, old, screen, tmp_path):
    terminal = screen(80, 24)
    terminal.wait("INBOX", timeout=60)
    import_from(terminal, f"{tmp_path}/nothing")
    terminal.wait("there is no file", timeout=60)


def test_ended_and_gone_on_with(tern, old, screen):
    """It waits for the account's folders, which another one has; nobody waits for it."""
    with open(tern.profile / "data/mail/local.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        terminal = screen(80, 24)
        terminal.wait("INBOX", timeout=60)
        import_from(terminal, old)
        terminal.wait("Importing", timeout=60)
        terminal.send("<C-g>")
        terminal.wait("Ended; the same command goes on with it", timeout=60)
    import_from(terminal, old)
    terminal.wait(f"Imported: {COUNT} new", timeout=60)


@pytest.mark.parametrize("how", ["command", "signal"])
def test_quitting_while_one_runs(tern, old, screen, how):
    """It waits for the account's folders; one more waits behind it. tern ends, and nothing that was freed is looked at."""
    with open(tern.profile / "data/mail/local.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        terminal = screen(80, 24)
        terminal.wait("INBOX", timeout=60)
        for _ in range(2):
            import_from(terminal, old)
            terminal.wait("Importing", timeout=60)
        if how == "command":
            terminal.send(":quit<Enter>")
        else:
            terminal.signal(signal.SIGTERM)
        assert terminal.wait_exit(timeout=60) == 0


def test_out_of_an_mbox(tern, screen, tmp_path):
    """The Inbox of an mbox account, whose messages are in no files of their own."""
    write_mbox(tmp_path / "spool", Generator(seed=8, count=COUNT))
    tern.write(f"[account local]\naddress = ada@example.org\nincoming = mbox:{tmp_path}/spool\n")
    tern.ok("sync")
    terminal = screen(80, 24)
    terminal.wait("INBOX", timeout=60)
    terminal.send(f":export {tmp_path}/out.mbox<Enter>")
    terminal.wait("Export:", timeout=60)
    terminal.send("INBOX<Enter>")
    terminal.wait(f"Exported: {COUNT} new", timeout=60)
    assert len(mailbox.mbox(tmp_path / "out.mbox", create=False)) == COUNT


def has_locked(path):
    try:
        with path.open("x") as lock:
            lock.write("1")
    except FileExistsError:
        return False
    return True


def test_what_is_waited_for_is_told_at_once(tern, old, screen, tmp_path):
    """Another program has locked the mbox that is read from: that is said while it is so, C-g ends it, and it is no part of the
    result."""
    tern.write(f"[account local]\naddress = ada@example.org\nincoming = mbox:{tmp_path}/spool\n")
    write_mbox(tmp_path / "spool", Generator(seed=8, count=3))
    tern.ok("sync")
    lock = tmp_path / "spool.lock"
    terminal = screen(80, 24)
    terminal.wait("INBOX", timeout=60)
    terminal.wait_for(lambda: has_locked(lock), timeout=60, what="the lock, which the screen holds now and then")
    import_from(terminal, old, "INBOX")
    terminal.wait("waiting for another program", timeout=60)
    began = time.monotonic()
    terminal.send("<C-g>")
    terminal.wait("Ended; the same command goes on with it", timeout=60)
    assert time.monotonic() - began < 20  # mbox.h waits for 30 s
    lock.unlink()
    import_from(terminal, old, "INBOX")
    terminal.wait("Imported: ", timeout=60)
    assert "waiting for" not in terminal.text()


def test_what_is_no_message_is_counted_and_named(tern, old, screen, tmp_path):
    box = mailbox.Maildir(tmp_path / "source")
    box.add("Subject: one\n\n")
    (tmp_path / "source/cur/1700000002.M2.x:2,").symlink_to("/etc/hostname")
    terminal = screen(120, 40)
    terminal.wait("INBOX", timeout=60)
    import_from(terminal, f"{tmp_path}/source")
    terminal.wait("Imported: 1 new, 0 known; no messages: 1, the last:", timeout=60)

"""The screen on an account whose mail lives on this disk: the same keys, and the files follow, offline too."""
import os

import pytest

from office import INBOX

SIZES = [(80, 24), (120, 40), (40, 12)]
THREADS = 6  # of the Inbox


@pytest.fixture
def box(tern, tmp_path):
    """A Maildir with the office's Inbox."""
    root = tmp_path / "Maildir"
    for part in ("cur", "new", "tmp"):
        (root / part).mkdir(parents=True)
    for n, (raw, flags) in enumerate(INBOX):
        raw = raw if isinstance(raw, bytes) else raw.encode()
        letters = "".join(letter for letter, flag in (("F", "Flagged"), ("R", "Answered"), ("S", "Seen")) if flag in flags)
        (root / "cur" / f"17900000{n:02}.M1P1.other:2,{letters}").write_bytes(raw.replace(b"\r\n", b"\n"))
    tern.write(f"[account local]\naddress = ada@example.org\nincoming = maildir:{root}\n")
    return root


def files(folder):
    """A folder that is just being made has not all of its parts yet."""
    return sorted(path.name for part in ("new", "cur") if (folder / part).exists() for path in (folder / part).iterdir())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("words", [(), ("--offline",)])
def test_keys_change_files(tern, box, screen, size, words):
    terminal = screen(*size, *words)
    terminal.wait(f" of {THREADS}", timeout=60)
    before = files(box)
    terminal.send("a")
    terminal.wait(f" of {THREADS - 1}", timeout=60)
    terminal.wait_for(lambda: len(files(box / ".Archive")) == 1, timeout=60, what="the file in Archive")
    terminal.send("u")
    terminal.wait(f" of {THREADS}", timeout=60)
    terminal.wait_for(lambda: files(box) == before, timeout=60, what="the file back")


def test_what_comes_is_seen(tern, box, screen):
    terminal = screen(80, 24)
    terminal.wait(f" of {THREADS}", timeout=60)
    new = box / "tmp" / "1799999999.M1P1.other"
    new.write_text("From: Bob <bob@example.org>\nSubject: Just delivered\nDate: Mon, 30 Nov 2026 11:00:00 +0000\n\nhello\n")
    new.rename(box / "new" / new.name)
    terminal.wait("Just delivered", timeout=60)
    terminal.send("<Home>", "<Enter>")
    terminal.wait("hello", timeout=60)
    terminal.wait_for(lambda: any(name.startswith(new.name) and "S" in name for name in files(box)), timeout=60,
                      what="the flag in the name")


ODD_DATES = [("Sun, 31 Oct 9999 12:00:00 +0000", "far", "9999-10"), ("Mon, 1 Jan 1601 12:00:00 +0000", "old", "1601-01"),
             ("Thu, 2 Jan 1970 12:00:00 +0000", "epoch", "1970-01"), (None, "dateless", "2025-03")]


@pytest.mark.parametrize("size", SIZES)
def test_dates_that_no_clock_said_do_not_lie(tern, tmp_path, screen, size):
    """The list shows what the Date field says, and the arrival where there is none; never what a row is sorted by."""
    root = tmp_path / "Maildir"
    for part in ("cur", "new", "tmp"):
        (root / part).mkdir(parents=True)
    for n, (date, subject, _) in enumerate(ODD_DATES):
        field = f"Date: {date}\n" if date else ""
        path = root / "cur" / f"174200000{n}.M1P1.other:2,S"
        path.write_text(f"From: Bob <bob@example.org>\nSubject: {subject}\n{field}\nhello\n")
        os.utime(path, (1_742_000_000 + n, 1_742_000_000 + n))
    tern.write(f"[account local]\naddress = ada@example.org\nincoming = maildir:{root}\n")
    terminal = screen(*size)
    terminal.wait(" of 4", timeout=60)
    tern_rows = tern.ok("list").lines
    for _, subject, shown in ODD_DATES:
        shown_here = shown if size[0] > 40 else shown[:4]
        row = next(line for line in terminal.text().splitlines() if f" {subject}" in line)
        assert f" {shown_here} " in row, terminal.text()
        assert any(f" {shown} " in line and line.endswith(subject) for line in tern_rows)


def test_a_file_that_is_named_otherwise_is_found(tern, box, screen):
    """Another program's letters, which nobody guesses: the folder is looked through, by another thread; reading and answering
    both have it. One that is gone says so."""
    new = box / "cur" / "1799999999.M1P1.other:2,Szq"
    new.write_text("From: Bob <bob@example.org>\nSubject: Oddly named\nDate: Mon, 30 Nov 2026 11:00:00 +0000\n\nfound all the same\n")
    terminal = screen(80, 24)
    terminal.wait("Oddly named", timeout=60)
    terminal.send("<Home>", "<Enter>")
    terminal.wait("found all the same", timeout=60)
    terminal.send("r")
    terminal.wait("> found all the same", timeout=60)

"""The mailbox that the screens are drawn from, written by hand so that whole screens can be compared.

    office          a server with it (user ada), of the test's own: a message that is opened is marked read there
    ada_synced      lib.program.Tern with the account "work" on that server, after a sync
    tui             tui(cols, rows, *words) starts the screen on it; offline unless told otherwise by online=True

Dates lie in years gone by, so that they look the same on any day.
"""
import pytest

from lib.mailserver import MailServer
from office import INBOX, message


@pytest.fixture
def office():
    with MailServer() as server:
        server.create("ada", "Drafts", "Sent", "Archive", "Trash", "Projects/tern", "Projects/house", "Hostile")
        for raw, flags in INBOX:
            server.append("ada", "INBOX", raw, flags, date=1_735_000_000)
        server.append("ada", "Projects/tern", message("Zoë <zoe@example.com>", "First"), "")
        server.append("ada", "Projects/tern", message("Zoë <zoe@example.com>", "Second", day=2), "")
        server.append("ada", "Projects/tern", message("Zoë <zoe@example.com>", "Third", "The third text.\n", day=3), r"\Seen")
        hostile = (b"From: =?utf-8?q?=1B=5D52=3Bc=3BZXZpbA=3D=3D=07Mallory?= <m@example.org>\r\nTo: ada@example.org\r\n"
                   b"Subject: =?utf-8?q?=1B=5B2J=1B=5D0=3Bowned=07=E2=80=AEgnp.exe=C2=9B31m?=\r\nMessage-ID: <h@example.org>\r\n"
                   b"Date: Fri, 01 Nov 2024 12:04:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
                   b"before \x1b]52;c;ZXZpbA==\x07 \x1bP+q544e\x1b\\ \x1b[31mred\xe2\x80\xae after\r\n")
        server.append("ada", "Hostile", hostile, "")
        yield server


@pytest.fixture
def work(tern, office):
    tern.write(office.account("ada", section="work"))
    return tern


@pytest.fixture
def ada_synced(work):
    work.ok("sync")
    return work


@pytest.fixture
def tui(ada_synced, screen):
    def start(cols=80, rows=24, *words, online=False, env=None):
        words = words if online else ("--offline", *words)
        return screen(cols, rows, *words, env={"TZ": "UTC", **(env or {})})
    return start

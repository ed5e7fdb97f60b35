"""The mailbox that the screens are drawn from, written by hand so that whole screens can be compared.

    office          a server with it (user ada), of the test's own: a message that is opened is marked read there
    ada_synced      lib.program.Tern with the account "work" on that server, as after a sync; the server itself runs only
                    where `office` is asked for too, or a screen online
    work            the same before the first sync, with the server
    one             a server with one message, of the test's own
    account         account(server, port=None, **keys) makes ada's account there, "work", the only one of `tern`
    tui             tui(cols, rows, *words) starts the screen on ada_synced; offline unless told otherwise by online=True

The mailbox is filled, and synced, once for a worker; each test has copies. Dates lie in years gone by, so that they look the
same on any day.
"""
import shutil
import tempfile
from pathlib import Path

import pytest

from lib.mailserver import MailServer
from lib.program import Tern
from office import INBOX, message


def fill(server):
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


@pytest.fixture(scope="session")
def original():
    """What the copies are made of: the server, stopped, and the profile."""
    profile = Path(tempfile.mkdtemp(prefix="tern-"))
    try:
        with MailServer() as server:
            fill(server)
            tern = Tern(profile)
            tern.write(server.account("ada", section="work"))
            tern.ok("sync")
            server.stop()
            yield server, profile
    finally:
        shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture
def twin(original):
    return original[0].twin()


@pytest.fixture
def office(twin, request):
    before = dict(twin.ports)
    with twin:
        if "ada_synced" in request.fixturenames:
            tern = request.getfixturevalue("ada_synced")
            conf = tern.conf.read_text()
            for name, port in twin.ports.items():  # somebody may have taken one since it was written down
                conf = conf.replace(f":{before[name]}\n", f":{port}\n")
            if conf != tern.conf.read_text():
                tern.write(conf)
        yield twin


@pytest.fixture
def work(tern, office):
    tern.write(office.account("ada", section="work"))
    return tern


@pytest.fixture
def ada_synced(tern, twin, original):
    tern.take_over(original[1])
    tern.write(twin.account("ada", section="work"))
    return tern


@pytest.fixture
def one(make_server):
    server = make_server()
    server.append("ada", "INBOX", message("Zoë <zoe@example.com>", "Budget meeting"), r"\Seen")
    return server


@pytest.fixture
def account(tern):
    def write(server, port=None, **keys):
        text = server.account("ada", section="work", **keys)
        tern.write(text.replace(f":{server.ports['imaps']}", f":{port}") if port else text)
    return write


@pytest.fixture
def tui(ada_synced, screen, request):
    def start(cols=80, rows=24, *words, online=False, env=None):
        if online:
            request.getfixturevalue("office")
        words = words if online else ("--offline", *words)
        return screen(cols, rows, *words, env={"TZ": "UTC", **(env or {})})
    return start

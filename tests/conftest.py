"""What tests may ask for.

    server           a Dovecot with some mail (users ada, bob), shared by a worker's tests: read it, do not change it
    empty_server     one of the test's own, empty: server.fill(…), server.deliver(…), server.start(cert="expired")
    make_server      a function of MailServer's options, for more than one
    mail             the folder with the generated Maildir that `server` has as ada's INBOX; mail.meanings the manifest
    tern             lib.program.Tern in a new profile, without an account: tern.write(server.account("ada"))
    ada              the same with ada's account on `server`
    synced           the same after a first `tern sync`
    few              a Maildir with 40 generated messages; filled(few, **options) a server of the test's own that has them in ada's
                     INBOX, and two folders more
    box              lib.mailbox.Mailbox: both sides of ada's mail, on a server of the test's own and in `tern`, synced: 60
                     messages in INBOX, and two folders more; box_mail the Maildir that it is filled from
    screen           a function (cols, rows, *arguments) that starts the screen in `tern`'s profile, ended with the test
    scripted         a function of ScriptedServer's arguments, started, ended with the test
    cyrus            a Cyrus shared by a worker's tests, or the test is skipped: make folders of your own there
    authority        certs.Authority, for scripted servers with TLS
"""
import shutil
import tempfile
from pathlib import Path

import pytest

from lib.certs import Authority
from lib.cyrus import Cyrus, Unavailable
from lib.genmail import Generator, write_maildir
from lib.mailbox import Mailbox
from lib.mailserver import MailServer
from lib.program import PROGRAM, Tern
from lib.scripted import ScriptedServer

INBOX_COUNT = 300
BOX_COUNT = 60
FEW_COUNT = 40


class Mail:
    """A generated Maildir and what was meant by it."""

    def __init__(self, folder, **options):
        self.folder = Path(folder)
        self.meanings = write_maildir(folder, Generator(**options))


@pytest.fixture(scope="session")
def mail(tmp_path_factory):
    return Mail(tmp_path_factory.mktemp("mail") / "inbox", seed=7, count=INBOX_COUNT)


@pytest.fixture(scope="session")
def server(mail, tmp_path_factory):
    small = tmp_path_factory.mktemp("mail")
    with MailServer() as running:
        running.fill("ada", "INBOX", mail.folder)
        for seed, folder in enumerate(("Projects/tern", "Projects/Häuser", "Archive"), 100):
            write_maildir(small / str(seed), Generator(seed=seed, count=20))
            running.fill("ada", folder, small / str(seed))
        yield running


@pytest.fixture
def make_server():
    running = []

    def make(**options):
        running.append(MailServer(**options).start())
        return running[-1]
    yield make
    for one in running:
        one.close()


@pytest.fixture
def empty_server(make_server):
    return make_server()


@pytest.fixture
def filled(make_server):
    def make(mail, **options):
        server = make_server(**options)
        server.fill("ada", "INBOX", mail)
        server.create("ada", "Projects/tern", "Häuser")
        return server
    return make


@pytest.fixture
def profile():
    """A folder with a short path: the engine's socket has to fit there."""
    folder = Path(tempfile.mkdtemp(prefix="tern-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def tern(profile):
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is not built (make, or name another by TERN=)")
    program = Tern(profile)
    yield program
    program.check_sanitizers()


@pytest.fixture
def ada(tern, server):
    tern.write(server.account("ada"))
    return tern


@pytest.fixture(scope="session")
def first_sync(server):
    """A profile after it, which each test that wants one has a copy of."""
    folder = Path(tempfile.mkdtemp(prefix="tern-"))
    try:
        program = Tern(folder)
        program.write(server.account("ada"))
        program.ok("sync")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def synced(ada, first_sync):
    ada.take_over(first_sync)
    return ada


@pytest.fixture(scope="session")
def box_mail(tmp_path_factory):
    folder = tmp_path_factory.mktemp("box") / "inbox"
    write_maildir(folder, Generator(seed=41, count=BOX_COUNT))
    return folder


@pytest.fixture(scope="session")
def few(tmp_path_factory):
    folder = tmp_path_factory.mktemp("few") / "inbox"
    write_maildir(folder, Generator(seed=11, count=FEW_COUNT))
    return folder


@pytest.fixture
def box(filled, tern, box_mail):
    server = filled(box_mail)
    tern.write(server.account("ada", incoming="imap"))
    tern.ok("sync")
    return Mailbox(server, tern)


@pytest.fixture
def screen(tern):
    running = []

    def start(cols=80, rows=24, *words, env=None):
        running.append(tern.terminal(cols, rows, *words, env=env))
        return running[-1]
    yield start
    for terminal in running:
        terminal.close()


@pytest.fixture(scope="session")
def cyrus():
    # Not under pytest's folders, which the server's user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="tern-cyrus-"))
    try:
        with Cyrus(folder, PROGRAM.parent / "cyrus") as running:
            yield running
    except Unavailable as why:
        pytest.skip(f"{why} (for Cyrus)")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def scripted():
    running = []

    def start(script, **options):
        running.append(ScriptedServer(script, **options).__enter__())
        return running[-1]
    yield start
    for server in running:
        server.__exit__()

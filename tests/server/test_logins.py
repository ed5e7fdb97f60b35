"""Several connections of one account log in: a wrong password is tried once, whatever wants to connect."""
import threading

import pytest

from lib.ownimap import OwnImap
from test_live import Watch, wait_for

KEYS = "max-connections = 3\nwatch = INBOX;Lists\nkeep-offline = headers\n"


class Several(OwnImap):
    """By IDLE, with a connection for each watched folder."""

    def __init__(self, password="secret"):
        super().__init__(folders=('"/" INBOX', '"/" Lists'))
        self.password, self.tried = password, []
        self.answers.update({"CAPABILITY": lambda talk: talk.ok("* CAPABILITY IMAP4rev1 IDLE"), "LOGIN": self._login})

    def _login(self, talk):
        self.tried.append(talk.words)
        if self.password in talk.words:
            talk.ok()
        else:
            talk.send(f"{talk.tag} NO [AUTHENTICATIONFAILED] no\r\n")


def test_a_wrong_password_is_tried_once(tern):
    with Several(password="another") as server:
        tern.write(server.account() + KEYS)
        with Watch(tern) as watch:
            for line in watch.process.stderr:
                if b"check user and password" in line:
                    break
            else:
                pytest.fail("nothing was said of the password")
            wait_for(lambda: len(server.connections) >= 2)
            assert tern("sync").status == 1  # a person asks: once more
            wait_for(lambda: len(server.tried) == 2)
            assert tern("sync").status == 1
        assert len(server.tried) == 3, server.tried


def test_a_right_one_lets_all_in(tern):
    with Several() as server:
        tern.write(server.account() + KEYS)
        with Watch(tern) as watch:
            watch.wait_live()
            wait_for(lambda: len(server.tried) == 3)


class Large(Several):
    """A large Inbox, whose rest comes in pieces. The second connection gets in when the first has begun with it; its own
    pieces are held until `go_on`, and those of the first are slow until there are any."""

    def __init__(self):
        super().__init__()
        self.folders, self.exists, self.go_on = ['"/" INBOX'], 20_000, threading.Event()
        self.pieces, self.held, self.second, self.watching, self.changed = 0, 0, None, None, threading.Condition()
        self.answers.update({"UID FETCH": self._piece, "LOGIN": self._login_late})

    def _login_late(self, talk):
        with self.changed:
            if self.tried:
                self.second = talk
                self.changed.wait_for(lambda: self.pieces, timeout=60)
            self._login(talk)

    def _idle(self, talk):
        self.watching = talk
        super()._idle(talk)

    def _piece(self, talk):
        with self.changed:
            if "BODY.PEEK[]" not in talk.words:
                self.pieces += 1
                self.held += talk is self.second
                self.changed.notify_all()
                self.changed.wait_for(lambda: self.held, timeout=1)
        if talk is self.second and "BODY.PEEK[]" not in talk.words:
            self.go_on.wait(120)
        self._fetch(talk)


def test_a_message_is_opened_while_a_large_folder_comes(tern):
    """By the connection that nothing large is under way on, even where that began it."""
    with Large() as server:
        tern.write(server.account() + "max-connections = 2\nkeep-offline = headers\n")
        with Watch(tern):
            whole = lambda: [row.get("messages") for row in tern.json("--offline", "folders").rows] == [20_000]
            wait_for(lambda: server.held or whole())
            if server.held:
                assert server.pieces < 15, "the first connection went on"
            else:   # which is right only where it is the one that watches: on a busy machine that may be in first
                wait_for(lambda: server.watching)
                assert server.watching is not server.second, "the first connection went on"
            rows = tern.json("list", "--limit", "1").rows
            tern.ok("show", str(rows[0]["id"]))
            server.go_on.set()
            wait_for(whole)

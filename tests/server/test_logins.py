"""Several connections of one account log in: a wrong password is tried once, whatever wants to connect."""
import pytest

from lib.ownimap import OwnImap
from test_live import Watch, wait_for

KEYS = "max-connections = 3\nwatch = INBOX;Lists\nkeep-offline = headers\n"


class Several(OwnImap):
    """By IDLE, with a connection for each watched folder."""

    def __init__(self, password="secret"):
        super().__init__(folders=('"/" INBOX', '"/" Lists'))
        self.password, self.tried = password, []
        self.answers.update({"CAPABILITY": lambda talk: talk.ok("* CAPABILITY IMAP4rev1 IDLE"), "IDLE": self._idle,
                             "LOGIN": self._login})

    def _idle(self, talk):
        talk.send("+ go on\r\n")
        talk._line()
        talk.ok()

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

"""News at an awkward moment, told once: of a folder that is only selected for a while, and behind the last answer."""
import threading

from lib.ownimap import OwnImap
from test_live import Watch, rows_of, subjects, wait_for

KEYS = "max-connections = 1\nkeep-offline = headers\n"


class Live(OwnImap):
    """For one connection, which works and watches the Inbox by IDLE. `late(talk)` says whether one more message comes
    before the end of the answer to this FETCH."""

    def __init__(self):
        super().__init__(folders=('"/" INBOX', '"/" Lists'))
        self.answers.update({"CAPABILITY": lambda talk: talk.ok("* CAPABILITY IMAP4rev1 IDLE"), "IDLE": self._idle,
                             "EXAMINE": self._open, "FETCH": self._fetch_late, "UID FETCH": self._fetch_late})
        self.late, self.opened, self.comes = lambda talk: False, [], threading.Event()

    def one_more(self, talk):
        self.exists += 1
        talk.send(f"* {self.exists} EXISTS\r\n")

    def _open(self, talk):
        self.opened.append(talk.words.strip('"'))
        self._examine(talk)

    def _idle(self, talk):
        talk.send("+ go on\r\n")
        if self.comes.is_set():
            self.comes.clear()
            self.one_more(talk)
        talk.line()
        talk.ok()

    def _fetch_late(self, talk):
        ok, is_late = talk.ok, self.late(talk)
        if is_late:
            talk.ok = lambda *lines: (self.one_more(talk), ok(*lines))
        self._fetch(talk)
        talk.ok = ok


def test_of_a_folder_that_a_message_is_fetched_from(tern):
    """Nobody watches it; the next poll would be five minutes later."""
    with Live() as server:
        tern.write(server.account() + KEYS)
        server.late = lambda talk: "BODY.PEEK[]" in talk.words and server.exists == 3
        with Watch(tern) as watch:
            watch.wait_live()
            wait_for(lambda: rows_of(tern, "Lists") == 3)
            tern.ok("show", str(subjects(tern, "Lists")["message 3"]["id"]))
            wait_for(lambda: "message 4" in subjects(tern, "Lists"))


def test_behind_the_last_answer_of_a_folder_that_is_not_watched(tern):
    with Live() as server:
        tern.write(server.account() + KEYS)
        server.late = lambda talk: server.opened.count("Lists") == 1 and server.exists == 3
        with Watch(tern) as watch:
            watch.wait_live()
            wait_for(lambda: "message 4" in subjects(tern, "Lists"))


def test_behind_the_last_answer_of_the_watched_one(tern):
    """While what came before is fetched, more comes; IDLE, begun after that, does not tell of it again."""
    with Live() as server:
        tern.write(server.account() + KEYS)
        server.late = lambda talk: server.exists == 4
        with Watch(tern) as watch:
            watch.wait_live()
            wait_for(lambda: rows_of(tern) == 3 and rows_of(tern, "Lists") == 3)
            server.comes.set()
            tern.ok("show", str(subjects(tern)["message 1"]["id"]))  # so that IDLE begins anew
            wait_for(lambda: "message 5" in subjects(tern))

"""An IMAP server of a few lines, any of whose answers a test may replace: for what no real server says, at the moment
that the test chooses.

    with OwnImap(folders=['"/" INBOX'], exists=3) as server:    plain, any password; messages have UIDs 1 to `exists`
        tern.write(server.account())                            `[account own] …`
        server.answers["EXAMINE"] = lambda talk: talk.ok("* 3 EXISTS", "* OK [UIDVALIDITY 7] x")
        server.heard                                            every line that a client sent
        server.greeting                                         what it says first

An answer is a function of the Talk: talk.tag, talk.command ("UID FETCH"), talk.words (its arguments as text);
talk.send(bytes), talk.ok(*lines) (lines, then the tagged OK), talk.line(), talk.close(). It runs in the
connection's thread, so it may wait for what the test does. Commands without an answer of their own: CAPABILITY, LIST, EXAMINE,
FETCH, UID FETCH and IDLE, and OK to all others.
"""
import re
import threading

from lib.door import callers, hang_up, open_door, shut

HEADER = ("From: Ada <ada@example.org>\r\nSubject: message {uid}\r\nMessage-ID: <{uid}@example.org>\r\n"
          "Date: Fri, 01 Nov 2024 12:04:00 +0000\r\n\r\n")


class Closed(Exception):
    """The connection is to end."""


class Talk:
    def __init__(self, server, connection):
        self.server, self.connection, self.reader = server, connection, connection.makefile("rb")
        self.tag = self.command = self.words = ""

    def send(self, data):
        self.connection.sendall(data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape"))

    def ok(self, *lines):
        self.send("".join(f"{line}\r\n" for line in (*lines, f"{self.tag} OK done")))

    def close(self):
        raise Closed

    def line(self):
        """What the client says next, with its literals; "" when it has gone."""
        line = self.reader.readline()
        while literal := re.search(rb"\{(\d+)\+?\}\r\n$", line):
            self.send("+ go on\r\n")
            line += self.reader.read(int(literal[1])) + self.reader.readline()
        return line.decode("utf-8", "surrogateescape")

    def run(self):
        self.send(f"* OK {self.server.greeting}\r\n")
        while line := self.line():
            self.server.heard.append(line)
            self.tag, self.command, self.words = (line.strip().split(" ", 2) + ["", ""])[:3]
            if self.command == "UID":
                verb, _, self.words = self.words.partition(" ")
                self.command += " " + verb
            self.server.answers.get(self.command, Talk.ok)(self)


def _uids(text, last):
    """The numbers of a set that there are."""
    for piece in text.split(","):
        ends = sorted(last if end == "*" else int(end) for end in piece.split(":"))
        yield from range(max(ends[0], 1), min(ends[-1], last) + 1)


class OwnImap:
    def __init__(self, folders=('"/" INBOX',), exists=3):
        self.folders, self.exists, self.heard, self.connections = list(folders), exists, [], []
        self.greeting = "ready"
        self.answers = {"CAPABILITY": lambda talk: talk.ok("* CAPABILITY IMAP4rev1"), "LIST": self._list,
                        "EXAMINE": self._examine, "FETCH": self._fetch, "UID FETCH": self._fetch, "IDLE": self._idle}

    def __enter__(self):
        self.listener = open_door()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        shut(self.listener)
        for one in self.connections:
            hang_up(one)
            one.close()

    def account(self):
        port = self.listener.getsockname()[1]
        return f"[account own]\naddress = ada@example.org\nincoming = imap://ada@127.0.0.1:{port}\npassword = secret\n"

    def _accept(self):
        for connection in callers(self.listener):
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            Talk(self, connection).run()
        except (Closed, OSError, ValueError):
            pass
        finally:
            hang_up(connection)

    # --- the usual answers ---

    def _list(self, talk):
        talk.ok(*(f"* LIST () {folder}" for folder in self.folders))

    def _examine(self, talk):
        talk.ok(f"* {self.exists} EXISTS", "* OK [UIDVALIDITY 1] x", f"* OK [UIDNEXT {self.exists + 1}] x")

    def _idle(self, talk):
        talk.send("+ idling\r\n")
        talk.line()
        talk.ok()

    def _fetch(self, talk):
        wanted, _, items = talk.words.partition(" ")
        for uid in _uids(wanted, self.exists):
            line = f"* {uid} FETCH (UID {uid} FLAGS () INTERNALDATE \"01-Nov-2024 12:04:00 +0000\" RFC822.SIZE 200"
            text = HEADER.format(uid=uid)
            if "BODY.PEEK[]" in items:
                line += f" BODY[] {{{len(text)}}}\r\n{text}"
            elif "HEADER" in items:
                line += f" BODY[HEADER.FIELDS (X)] {{{len(text)}}}\r\n{text}"
            talk.send(line + ")\r\n")
        talk.ok()

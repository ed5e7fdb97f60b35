"""A server that plays a conversation out of a file: what it says, and what the client must say.

    # a comment; blank lines count for nothing
    S: * OK ready                       the server says this line (CRLF is added)
    C: $A CAPABILITY                    the client must say this; $A stands for any one word, kept under that name
    S: * CAPABILITY IMAP4rev1 IDLE
    S: $A OK done                       … and is put in where the server uses it ($$ is a dollar)
    C: $B LOGIN * *                     * matches anything
    C~ \\S+ SELECT "?INBOX"?             a regular expression for the whole line
    S- + idling                         without CRLF; \\r \\n \\t \\0 \\\\ and \\xNN are known in S: and S-
    S* 1000 * $n FETCH (FLAGS ())       a line a thousand times, $n counting from 1
    S! 1000000 A                        that many bytes, the text over and over
    ! starttls                          TLS from here on
    ! wait 0.5                          seconds
    ! hold                              until the test calls server.go_on(): what is to be seen meanwhile, stays
    ! silent                            nothing more is said or read, nothing is closed
    ! close     ! reset                 ends the connection, with FIN or RST
    == connection                       what follows is for the next connection (the last part serves all later ones)

A literal of the client is lines like all others. Where the client must say something and says something else, or
closes, it is noted in `server.faults` and the connection ends.

    with ScriptedServer(Script.read(path)) as server:            server.port, server.faults, server.heard
        …
        server.check()                                           fails with the faults, or what was not yet said

Variations, all of one script: drip=True sends one byte at a time, each in a packet of its own; cut_after=N closes after
the Nth line that the server says (0: at once), silent_after=N goes silent there. `len(script)` is the number of such
lines. tls=context: TLS from the first byte; starttls needs a context too (certs.Authority(folder).server_context()).
"""
import re
import socket
import ssl
import struct
import threading
import time
from pathlib import Path
from typing import NamedTuple

from lib.door import callers, hang_up, open_door, shut

ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\"}
STEP = re.compile(r"(C:|C~|S:|S-|S\*|S!|!) ?(.*)")


class Step(NamedTuple):
    kind: str
    text: str
    place: str   # file:line


class ScriptError(Exception):
    """What the client did wrong."""


def unescape(text):
    return re.sub(r"\\(x[0-9a-fA-F]{2}|[rnt0\\])",
                  lambda m: chr(int(m[1][1:], 16)) if m[1][0] == "x" else ESCAPES[m[1]], text)


class Script:
    def __init__(self, text, name="script"):
        self.parts = [[]]
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip() or line.startswith("#"):
                continue
            if line.startswith("== connection"):
                self.parts.append([])
                continue
            match = STEP.fullmatch(line)
            if not match:
                raise ValueError(f"{name}:{number}: not a step of a conversation: {line}")
            self.parts[-1].append(Step(match[1], match[2], f"{name}:{number}"))

    @classmethod
    def read(cls, path):
        return cls(Path(path).read_text(encoding="utf-8"), Path(path).name)

    def __len__(self):
        return sum(step.kind[0] == "S" for part in self.parts for step in part)


class ScriptedServer:
    def __init__(self, script, drip=False, cut_after=None, silent_after=None, tls=None, starttls=None, timeout=60):
        self.script = script if isinstance(script, Script) else Script(script)
        self.drip, self.cut_after, self.silent_after = drip, cut_after, silent_after
        self.tls, self.starttls, self.timeout = tls, starttls or tls, timeout
        self.faults, self.heard, self.finished, self.connections = [], [], 0, 0
        self.closing, self.lock, self.open, self.said = threading.Event(), threading.Lock(), set(), 0
        self.held = threading.Event()

    def __enter__(self):
        self.listener = open_door()
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.held.set()
        shut(self.listener)
        with self.lock:
            for connection in self.open:
                hang_up(connection)
        for thread in self.threads:
            thread.join(2)

    def go_on(self):
        """Ends a `! hold`, also one that is still to come."""
        self.held.set()

    def check(self, finished=None, timeout=30):
        """Fails unless every conversation that was begun was held as written, and `finished` of them to the end."""
        wanted = len(self.script.parts) if finished is None else finished
        end = time.monotonic() + timeout
        while self.finished < wanted and not self.faults and time.monotonic() < end:
            time.sleep(0.01)
        assert not self.faults, "\n".join(self.faults)
        assert self.finished >= wanted, f"{self.finished} of {wanted} conversations came to their end"

    def _accept(self):
        for connection in callers(self.listener):
            with self.lock:
                self.open.add(connection)
                part = self.script.parts[min(self.connections, len(self.script.parts) - 1)]
                self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection, part), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _serve(self, connection, part):
        talk = None
        try:
            connection.settimeout(self.timeout)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            talk = _Talk(self, connection)
            if self.tls:
                talk.switch_to_tls(self.tls)
            for step in part:
                talk.play(step)
            self.finished += 1
        except ScriptError as error:
            self.faults.append(str(error))
        except (EOFError, OSError, ssl.SSLError):
            pass  # the script itself ended it, or the client went while it was being spoken to
        finally:
            with self.lock:
                self.open.discard(connection)
            (talk.connection if talk else connection).close()


class _Talk:
    """One connection's conversation."""

    def __init__(self, server, connection):
        self.server, self.connection, self.words, self.pending = server, connection, {}, b""
        self.actions = {"starttls": self._starttls, "wait": self._wait, "hold": self._hold, "silent": self._silent,
                        "close": self._close, "reset": self._reset}

    def play(self, step):
        if step.kind == "!":
            name, _, argument = step.text.partition(" ")
            self.actions[name](argument)
        elif step.kind[0] == "C":
            self._expect(step)
        else:
            self._say(step)

    # --- the server speaks ---

    def _say(self, step):
        for mode, limit in ((self._close, self.server.cut_after), (self._silent, self.server.silent_after)):
            if limit is not None and self.server.said >= limit:
                mode("")
        self.server.said += 1
        if step.kind == "S!":
            size, _, text = step.text.partition(" ")
            piece = text.encode("utf-8") * (65536 // max(1, len(text)) + 1)
            left = int(size)
            while left > 0:
                self.connection.sendall(piece[:left])
                left -= len(piece)
            return
        if step.kind == "S*":
            times, _, text = step.text.partition(" ")
            lines = (self._line(text, str(n)) + b"\r\n" for n in range(1, int(times) + 1))
            self._send(b"".join(lines))
            return
        self._send(self._line(step.text) + (b"" if step.kind == "S-" else b"\r\n"))

    def _line(self, text, counter=""):
        """Escapes and words put in. What the file has beyond ASCII goes out as UTF-8, \\xNN as that byte."""
        def put(match):
            name = match[1]
            return "$" if name == "$" else counter if name == "n" and counter else self.words.get(name, match[0])
        text = re.sub(r"\$(\$|\w+)", put, text)
        out = bytearray()
        for piece in re.split(r"(\\(?:x[0-9a-fA-F]{2}|[rnt0\\]))", text):
            out += unescape(piece).encode("latin-1") if piece.startswith("\\") else piece.encode("utf-8")
        return bytes(out)

    def _send(self, data):
        if not self.server.drip:
            self.connection.sendall(data)
            return
        for n in range(len(data)):
            self.connection.sendall(data[n:n + 1])

    # --- the client speaks ---

    def _read_line(self, step):
        while b"\n" not in self.pending:
            try:
                data = self.connection.recv(65536)
            except TimeoutError:
                raise ScriptError(f"{step.place}: the client said nothing for {self.server.timeout} s; "
                                  f"wanted: {step.text}") from None
            except OSError:
                data = b""
            if not data:
                if self.server.closing.is_set():
                    raise EOFError
                raise ScriptError(f"{step.place}: the client closed the connection; wanted: {step.text}")
            self.pending += data
        line, self.pending = self.pending.split(b"\n", 1)
        line = line.rstrip(b"\r").decode("utf-8", "surrogateescape")
        self.server.heard.append(line)
        return line

    def _expect(self, step):
        line = self._read_line(step)
        match = re.fullmatch(step.text if step.kind == "C~" else self._pattern(step.text), line, re.I | re.S)
        if not match:
            raise ScriptError(f"{step.place}: wanted: {step.text}\n    the client said: {line}")
        self.words.update({name: value for name, value in match.groupdict().items() if value is not None})

    def _pattern(self, text):
        """A line of the script as a regular expression: a name seen before stands for its word, a new one for any."""
        def one(piece):
            name = piece[1:]
            if piece == "*":
                return ".*"
            if piece.startswith("$") and name == "$":
                return re.escape("$")
            if piece.startswith("$") and name:
                return re.escape(self.words[name]) if name in self.words else rf"(?P<{name}>\S+)"
            return re.escape(piece)
        return "".join(one(p) for p in re.split(r"(\$\$|\$\w+|\*)", text))

    # --- actions ---

    def switch_to_tls(self, context):
        self.connection.settimeout(self.server.timeout)
        self.connection = context.wrap_socket(self.connection, server_side=True)
        with self.server.lock:
            self.server.open.add(self.connection)

    def _starttls(self, _):
        if self.server.starttls is None:
            raise ScriptError("the script asks for TLS, and the test gave no context")
        self.switch_to_tls(self.server.starttls)

    def _wait(self, seconds):
        self.server.closing.wait(float(seconds))

    def _hold(self, _):
        self.server.held.wait()

    def _silent(self, _):
        self.server.closing.wait()
        raise EOFError

    def _close(self, _):
        self.server.finished += 1
        raise EOFError

    def _reset(self, _):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.server.finished += 1
        raise EOFError

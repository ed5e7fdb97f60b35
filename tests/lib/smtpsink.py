"""An SMTP server that keeps what it is sent.

    with SmtpSink(folder, users={"ada": "secret"}, context=ssl_context, deliver=function) as sink:
        sink.ports["submission"], sink.ports["smtps"]
        sink.sent()                       [Sent(sender, recipients, options, data), …], in order

Speaks PIPELINING, 8BITMIME, SIZE, DSN, SMTPUTF8, ENHANCEDSTATUSCODES, CHUNKING, STARTTLS, AUTH PLAIN and LOGIN (only
under TLS, unless there is no context: then there is only `submission`, without TLS). Each message is kept in the folder
as N.eml with its envelope in N.json, and given to deliver(user, data) once for each recipient whose local part is a
user. Recipients `refuse…` get 550, `later…` 451; `slow…` makes the final answer take 2 s.

    SmtpSink(…, without={"CHUNKING"}, extra=["REQUIRETLS"])     what is not offered, and what is besides
    sink.faults["mail"] = ["drop", "451 4.3.0 no"]              what the next commands of that name come to, one each
    sink.connections, sink.log                                  how many there were; each command, "EHLO …"

A fault is "drop" (the connection ends), "hang" (no answer, until the client goes), "wait" (the answer comes once sink.go is
set), "nonsense", or an answer. Names are
those of commands in lower case, and "greeting", "body" (in the middle of DATA or BDAT) and "end" (after the whole
message, which is not kept; "drop-kept" and "hang-kept" keep it).
"""
import base64
import json
import re
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import NamedTuple

from lib.door import callers, hang_up, open_door, shut

MAX_SIZE = 64 << 20


class Sent(NamedTuple):
    sender: str
    recipients: list
    options: dict      # of MAIL and of each RCPT, as the client wrote them
    data: bytes


class SmtpSink:
    def __init__(self, folder, users, context=None, deliver=None, ports=None, without=(), extra=()):
        self.folder, self.users, self.context, self.deliver = Path(folder), users, context, deliver
        self.folder.mkdir(parents=True, exist_ok=True)
        self.wanted, self.without, self.extra = ports or {}, set(without), list(extra)
        self.faults, self.log, self.connections, self.go = {}, [], 0, threading.Event()
        self.ports, self.listeners, self.open, self.lock = {}, [], set(), threading.Lock()

    def __enter__(self):
        for name in ("submission", "smtps") if self.context else ("submission",):
            listener = open_door(self.wanted.get(name, 0))
            self.ports[name] = listener.getsockname()[1]
            self.listeners.append(listener)
            threading.Thread(target=self._accept, args=(listener, name == "smtps"), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.go.set()
        for listener in self.listeners:
            shut(listener)
        with self.lock:
            for connection in self.open:
                hang_up(connection)

    def sent(self):
        """All that was accepted, in order."""
        out = []
        for path in sorted(self.folder.glob("*.json")):
            envelope = json.loads(path.read_text())
            out.append(Sent(data=path.with_suffix(".eml").read_bytes(), **envelope))
        return out

    def fault(self, name):
        with self.lock:
            return self.faults[name].pop(0) if self.faults.get(name) else None

    def keep(self, sender, recipients, options, data):
        with self.lock:
            path = self.folder / f"{len(list(self.folder.glob('*.json'))) + 1:06d}"
            path.with_suffix(".eml").write_bytes(data)
            path.with_suffix(".new").write_text(
                json.dumps({"sender": sender, "recipients": recipients, "options": options}))
            path.with_suffix(".new").rename(path.with_suffix(".json"))  # whoever looks sees all of it or nothing
        if self.deliver:
            for user in sorted({r.split("@")[0] for r in recipients} & set(self.users)):
                self.deliver(user, data)

    def _accept(self, listener, implicit_tls):
        for connection in callers(listener):
            threading.Thread(target=self._serve, args=(connection, implicit_tls), daemon=True).start()

    def _serve(self, connection, implicit_tls):
        with self.lock:
            self.open.add(connection)
            self.connections += 1
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            session = _Session(self, connection)
            if implicit_tls:
                session.start_tls()
            session.run()
        except (OSError, ssl.SSLError, EOFError):
            pass
        finally:
            with self.lock:
                self.open.discard(connection)
            connection.close()


class _Session:
    """One connection: a table of commands, each answering for itself."""

    def __init__(self, sink, connection):
        self.sink, self.connection, self.is_tls, self.user = sink, connection, False, None
        self.reader = connection.makefile("rb")
        self.reset()

    def reset(self):
        self.sender, self.recipients, self.options, self.chunks = None, [], {}, []

    def start_tls(self):
        self.connection = self.sink.context.wrap_socket(self.connection, server_side=True)
        self.reader = self.connection.makefile("rb")
        self.is_tls, self.user = True, None
        self.reset()

    def say(self, text):
        self.connection.sendall(text.encode() + b"\r\n")

    def line(self):
        line = self.reader.readline(8192)
        if not line.endswith(b"\n"):
            raise EOFError
        return line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")

    def suffer(self, name):
        """Whether a fault has answered instead."""
        fault = self.sink.fault(name)
        if fault == "wait":
            self.sink.go.wait()
        if fault in (None, "wait"):
            return False
        if fault.startswith("hang"):
            while self.connection.recv(65536):
                pass
        if fault.startswith(("hang", "drop")):
            raise EOFError
        self.say("what? \x1b[31mno" if fault == "nonsense" else fault)
        return True

    def run(self):
        if not self.suffer("greeting"):
            self.say("220 localhost ESMTP tern tests")
        while True:
            line = self.line()
            verb, _, rest = line.partition(" ")
            with self.sink.lock:
                self.sink.log.append(line)
            command = getattr(self, "do_" + verb.lower(), None)
            if self.suffer(verb.lower()):
                continue
            if command is None:
                self.say("500 5.5.2 what is that?")
            elif command(rest) is False:
                return

    def do_ehlo(self, _):
        self.reset()
        offers = ["localhost", "PIPELINING", f"SIZE {MAX_SIZE}", "8BITMIME", "SMTPUTF8", "DSN", "CHUNKING"]
        if self.sink.context and not self.is_tls:
            offers.append("STARTTLS")
        elif self.sink.users:
            offers.append("AUTH PLAIN LOGIN")
        offers += [*self.sink.extra, "ENHANCEDSTATUSCODES"]
        offers = [o for o in offers if o.split()[0] not in self.sink.without]
        self.say("\r\n".join(f"250{'-' if i + 1 < len(offers) else ' '}{o}" for i, o in enumerate(offers)))

    def do_helo(self, _):
        self.say("250 localhost")

    def do_starttls(self, _):
        if self.is_tls or not self.sink.context:
            return self.say("503 5.5.1 no")
        self.say("220 2.0.0 go on")
        self.start_tls()

    def do_auth(self, rest):
        if self.sink.context and not self.is_tls:
            return self.say("538 5.7.11 not without TLS")
        mechanism, _, initial = rest.partition(" ")
        try:
            if mechanism.upper() == "PLAIN":
                _, name, password = self.ask(initial, "").split("\0")
            elif mechanism.upper() == "LOGIN":
                name = self.ask(initial, "Username:")
                password = self.ask("", "Password:")
            else:
                return self.say("504 5.5.4 PLAIN or LOGIN")
        except ValueError:
            return self.say("501 5.5.2 that is no answer")
        if self.sink.users.get(name.split("@")[0]) != password:
            return self.say("535 5.7.8 wrong name or password")
        self.user = name
        self.say("235 2.7.0 welcome")

    def ask(self, initial, question):
        if not initial:
            self.say("334 " + base64.b64encode(question.encode()).decode())
            initial = self.line()
        return base64.b64decode("" if initial == "=" else initial, validate=True).decode()

    def do_mail(self, rest):
        match = re.match(r"FROM:\s*<([^>]*)>(.*)", rest, re.I)
        if not match:
            return self.say("501 5.5.4 MAIL FROM:<…>")
        if self.sink.users and self.user is None:
            return self.say("530 5.7.0 log in first")
        self.reset()
        self.sender, self.options["MAIL"] = match[1], match[2].split()
        self.say("250 2.1.0 OK")

    def do_rcpt(self, rest):
        match = re.match(r"TO:\s*<([^>]+)>(.*)", rest, re.I)
        if self.sender is None or not match:
            return self.say("503 5.5.1 MAIL first" if match else "501 5.5.4 RCPT TO:<…>")
        if match[1].startswith("refuse"):
            return self.say("550 5.1.1 no such user here")
        if match[1].startswith("later"):
            return self.say("451 4.3.0 try again later")
        self.recipients.append(match[1])
        self.options[match[1]] = match[2].split()
        self.say("250 2.1.5 OK")

    def do_data(self, _):
        if not self.recipients:
            return self.say("554 5.5.1 no valid recipients")
        self.say("354 end with a dot")
        data, size = [], 0
        if self.sink.faults.get("body"):
            self.reader.readline()
            if self.suffer("body"):
                raise EOFError
        while (line := self.reader.readline()) != b".\r\n":
            if not line:
                raise EOFError
            data.append(line[1:] if line.startswith(b".") else line)
            size += len(line)
        self.finish(b"".join(data) if size <= MAX_SIZE else None)

    def do_bdat(self, rest):
        size, _, last = rest.partition(" ")
        if self.sink.faults.get("body"):
            self.reader.read(int(size) // 2)
            if self.suffer("body"):
                raise EOFError
        chunk = self.reader.read(int(size))
        if len(chunk) < int(size):
            raise EOFError
        if not self.recipients:
            return self.say("554 5.5.1 no valid recipients")
        self.chunks.append(chunk)
        if not last:
            return self.say("250 2.0.0 more")
        self.finish(b"".join(self.chunks))

    def finish(self, data):
        if data is None:
            return self.say("552 5.3.4 too large")
        if any(r.startswith("slow") for r in self.recipients):
            time.sleep(2)
        if not any(f.endswith("-kept") for f in self.sink.faults.get("end", [])[:1]) and self.suffer("end"):
            return self.reset()
        self.sink.keep(self.sender, self.recipients, self.options, data)
        self.reset()
        if not self.suffer("end"):
            self.say("250 2.0.0 kept")

    def do_rset(self, _):
        self.reset()
        self.say("250 2.0.0 OK")

    def do_noop(self, _):
        self.say("250 2.0.0 OK")

    def do_quit(self, _):
        self.say("221 2.0.0 bye")
        return False

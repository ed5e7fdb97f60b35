"""A POP3 server that holds what it is given, in plain text, and does exactly what RFC 1939 says: DELE counts only at QUIT.

    with PopServer([b"Subject: 1\\r\\n\\r\\ntext\\r\\n", …]) as server:
        tern.write(server.account("pop", max_size="1K"))
        server.texts()          what it has, in order
        server.reset()          has all of it again, under the same UIDLs
        server.said             every command line, in order
        server.uidls            changeable: {n: "uidl"} instead of the UIDLs that it gives by itself
        server.fault            a function of (connection, words), called before each command: True means that it was answered

For faults that no real server has at hand. Any number of sessions, each with the mailbox as it is when it begins.
"""
import threading

from lib.door import callers, open_door, shut


class PopServer:
    def __init__(self, messages, capabilities=("TOP", "UIDL", "USER", "PIPELINING", "RESP-CODES")):
        self.original, self.capabilities = list(messages), capabilities
        self.said, self.uidls, self.fault = [], {}, None
        self.lock = threading.Lock()
        self.reset()
        self.listener = open_door()
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        shut(self.listener)

    def reset(self):
        self.box = dict(enumerate(self.original, 1))

    def texts(self):
        with self.lock:
            return list(self.box.values())

    def account(self, section="pop", **keys):
        more = "".join(f"{key.replace('_', '-')} = {value}\n" for key, value in keys.items())
        return (f"[account {section}]\naddress = ada@example.org\nincoming = pop3://ada@127.0.0.1:{self.port}\n"
                f"password = secret\n{more}\n")

    def _accept(self):
        for connection in callers(self.listener):
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection, connection.makefile("rwb") as stream:
                Session(self, connection, stream).run()
        except (OSError, ValueError):
            pass


class Session:
    def __init__(self, server, connection, stream):
        self.server, self.connection, self.stream = server, connection, stream
        with server.lock:
            self.box = dict(server.box)
        self.numbers = {n: key for n, key in enumerate(sorted(self.box), 1)}
        self.deleted = set()

    def put(self, line):
        self.stream.write(line if isinstance(line, bytes) else line.encode() + b"\r\n")

    def put_lines(self, lines):
        for line in ["+OK", *lines, "."]:
            self.put(line)

    def run(self):
        self.put("+OK ready")
        self.stream.flush()
        for raw in self.stream:
            words = raw.decode(errors="replace").split()
            self.server.said.append(" ".join(words))
            if self.server.fault and self.server.fault(self, words):
                self.stream.flush()
                continue
            getattr(self, "do_" + words[0].lower(), self.do_unknown)(*words[1:])
            self.stream.flush()
            if words[0] == "QUIT":
                return

    def do_unknown(self, *_):
        self.put("-ERR what?")

    def do_user(self, *_):
        self.put("+OK")

    do_pass = do_noop = do_user

    def do_capa(self):
        self.put_lines(self.server.capabilities)

    def do_list(self):
        self.put_lines(f"{n} {len(self.box[key])}" for n, key in self.numbers.items())

    def do_uidl(self):
        self.put_lines(f"{n} {self.server.uidls.get(key, f'uidl-{key}')}" for n, key in self.numbers.items())

    def send(self, text):
        self.put("+OK")
        self.put(b"".join(b"." + line if line.startswith(b".") else line for line in text.splitlines(keepends=True)))
        self.put(".")

    def do_retr(self, number):
        self.send(self.box[self.numbers[int(number)]])

    def do_top(self, number, _lines):
        self.send(self.box[self.numbers[int(number)]].partition(b"\r\n\r\n")[0] + b"\r\n\r\n")

    def do_dele(self, number):
        self.deleted.add(self.numbers[int(number)])
        self.put("+OK")

    def do_quit(self):
        with self.server.lock:
            for key in self.deleted:
                self.server.box.pop(key, None)
        self.put("+OK bye")

"""A server without some of its capabilities: a proxy before it that takes them out of what it announces, and answers BAD
to the commands that need them, as a server would that has never heard of them.

    with Filter(server.ports["imap"], ("QRESYNC", "NOTIFY")) as less:     in plain text: account("ada", incoming="imap")
        … connect to less.port …
        less.commands               every command that came, without its tag, in order: (seconds, "UID FETCH 1:* (FLAGS)")
        less.refused                those that were answered BAD here

Known: QRESYNC CONDSTORE NOTIFY IDLE MOVE UIDPLUS ESEARCH COMPRESS LIST-STATUS UNSELECT SEARCHRES MULTIAPPEND. The server
behind is never asked for COMPRESS, which nobody could read here; to see it used, connect without a filter.
"""
import re
import threading
import time

from lib.door import hang_up
from lib.proxy import Proxy

ALL = ("QRESYNC", "CONDSTORE", "NOTIFY", "IDLE", "MOVE", "UIDPLUS", "ESEARCH", "COMPRESS")

# What is not understood without a capability: the command as a whole (upper case, without its tag).
NEEDS = {
    "QRESYNC": rb"(SELECT|EXAMINE) .*\(.*QRESYNC|ENABLE( .*)? QRESYNC|.*VANISHED",
    "CONDSTORE": rb"(SELECT|EXAMINE) .*\(CONDSTORE|.*CHANGEDSINCE|.*UNCHANGEDSINCE|ENABLE( .*)? CONDSTORE|.*HIGHESTMODSEQ",
    "NOTIFY": rb"NOTIFY",
    "IDLE": rb"IDLE",
    "MOVE": rb"(UID )?MOVE",
    "UIDPLUS": rb"UID EXPUNGE",
    "ESEARCH": rb"(UID )?SEARCH RETURN",
    "COMPRESS": rb"COMPRESS",
    "LIST-STATUS": rb"LIST .* RETURN \(.*STATUS",
    "UNSELECT": rb"UNSELECT",
    "SEARCHRES": rb"(UID )?SEARCH RETURN \(.*SAVE",
    "MULTIAPPEND": rb"\0",
}
# What goes with it: CONDSTORE is a part of QRESYNC, SEARCHRES of ESEARCH.
GOES_WITH = {"CONDSTORE": ("QRESYNC",), "ESEARCH": ("SEARCHRES", "CONTEXT=SEARCH")}
LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n$")


class Filter(Proxy):
    def __init__(self, to_port, without=ALL, host="127.0.0.1"):
        super().__init__(to_port, host)
        self.without = [name.upper() for name in without]
        self.without += [more for name in self.without for more in GOES_WITH.get(name, ())]
        self.needs = [re.compile(NEEDS[name], re.S) for name in self.without if name in NEEDS]
        self.commands, self.refused = [], []

    def cut(self):
        """Ends all connections; new ones pass."""
        self.hang_up_all()

    def said(self, pattern):
        """How many commands matched."""
        with self.lock:
            return sum(bool(re.match(pattern, text)) for _, text in self.commands)

    def _pair(self, client, server):
        lock = threading.Lock()  # whole lines to the client
        threading.Thread(target=self._up, args=(client, server, lock), daemon=True).start()
        threading.Thread(target=self._down, args=(client, server, lock), daemon=True).start()

    # --- from the client, a command at a time ---

    def _up(self, client, server, lock):
        reader = client.makefile("rb")
        try:
            while self._command(reader, client, server, lock):
                pass
        except (OSError, ValueError):
            pass
        hang_up(server)

    def _command(self, reader, client, server, lock):
        line = reader.readline()
        if not line:
            return False
        tag, _, rest = line.rstrip(b"\r\n").partition(b" ")
        if rest:  # else a continuation: DONE, a line of SASL
            with self.lock:
                self.commands.append((time.monotonic(), rest.decode(errors="replace")))
        refused = rest and any(need.match(rest.upper()) for need in self.needs)
        if refused:
            with self.lock:
                self.refused.append(rest.decode(errors="replace"))
            with lock:
                client.sendall(tag + b" BAD no such command here\r\n")
            return True
        server.sendall(line)
        while literal := LITERAL.search(line):  # its bytes, and what stands behind it
            left = int(literal[1])
            while left:
                piece = reader.read1(min(left, 65536))
                if not piece:
                    return False
                server.sendall(piece)
                left -= len(piece)
            line = reader.readline()
            server.sendall(line)
        return True

    # --- from the server ---

    def _down(self, client, server, lock):
        reader = server.makefile("rb")
        try:
            while line := reader.readline():
                if "CONDSTORE" in self.without and b"[HIGHESTMODSEQ" in line.upper():
                    continue  # Dovecot tells it whether it was asked or not
                if b"CAPABILITY " in line.upper():
                    line = self._less(line)
                with lock:
                    client.sendall(line)
                literal = LITERAL.search(line)
                left = int(literal[1]) if literal else 0
                while left:
                    piece = reader.read1(min(left, 65536))
                    if not piece:
                        break
                    client.sendall(piece)
                    left -= len(piece)
        except (OSError, ValueError):
            pass
        hang_up(client)

    def _less(self, line):
        def kept(match):
            return match[0] if match[0].decode().split("=")[0].upper() not in self.without and \
                match[0].decode().upper() not in self.without else b""
        head, word, rest = re.split(rb"(?i)(CAPABILITY )", line, maxsplit=1)
        names, bracket, tail = re.match(rb"([^\]\r\n]*)(\]?)(.*)", rest, re.S).groups()
        return head + word + b" ".join(filter(None, (re.sub(rb"^\S+$", kept, n) for n in names.split()))) + bracket + tail

"""A link to a server that is cut at a chosen line, whoever says it: for faults at each step of what is done over it.

    with Cutter(server.ports["imap"], delay_ms=20) as link:      plain text, no COMPRESS; there and back 40 ms
        link.arm(7, "reset")        from now on lines are counted, both ways, over all connections; the 7th does not pass
        link.arm(b"UID COPY", …)    the line that has this does not pass
        link.arm(None, "")          they are only counted
        link.disarm()               whether it was cut; it will not be any more
        link.lines                  how many have passed since
        link.is_cut.wait(20)        an Event
        link.drop()                 RST for all connections, now
        link.heal()                 what went silent goes on; what is lost stays lost

How it ends, for all connections that there are then (new ones pass):
    reset       RST to both sides
    close       FIN to both sides
    silence     nothing passes until heal(), nothing is closed; also for new ones; then all goes on
    loss        nothing passes any more, nothing is closed; new ones pass after heal(), those from before never
"""
import threading
import time

from lib.door import hang_up
from lib.proxy import Proxy

HOWS = ("reset", "close", "silence")


class Cutter(Proxy):
    def __init__(self, to_port, delay_ms=0.0, door="127.0.0.1"):
        super().__init__(to_port, door=door)
        self.delay, self.pairs = delay_ms / 1000, []
        self.at, self.how, self.lines = None, "", 0
        self.is_cut, self.flowing = threading.Event(), threading.Event()
        self.flowing.set()

    def __exit__(self, *_):
        self.flowing.set()
        super().__exit__()

    def arm(self, line, how):
        with self.lock:
            self.at, self.how, self.lines = line, how, 0
            self.is_cut.clear()

    def disarm(self):
        """Whether it was cut; it will not be any more."""
        with self.lock:
            self.at = None
        return self.is_cut.is_set()

    def drop(self):
        """Ends all connections with RST, now."""
        with self.lock:
            doomed, self.pairs = self.pairs, []
        for pair in doomed:
            pair.is_lost = True
            pair.end(True)

    def heal(self):
        self.flowing.set()

    def passes(self, pair, line):
        """Whether one more line does; waits while there is silence."""
        with self.lock:
            at = self.at
            if at is not None and (at in line if isinstance(at, bytes) else self.lines + 1 >= at):
                self._cut()
            self.lines += 1
        self.flowing.wait()
        return not pair.is_lost

    def _cut(self):
        if self.how in ("silence", "loss"):
            self.flowing.clear()
        if self.how != "silence":
            doomed, self.pairs = self.pairs, []
            for pair in doomed:
                pair.is_lost = True
                if self.how != "loss":
                    pair.end(self.how == "reset")
        self.at = None
        self.is_cut.set()

    def _ready(self):
        self.flowing.wait()

    def _pair(self, client, server):
        pair = Pair(self, client, server)
        with self.lock:
            self.pairs.append(pair)
        pair.start()


class Pair:
    """One connection."""

    def __init__(self, link, client, server):
        self.link, self.client, self.server, self.is_lost = link, client, server, False

    def start(self):
        for source, target in ((self.client, self.server), (self.server, self.client)):
            threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def end(self, is_reset=False):
        for one in (self.client, self.server):
            hang_up(one, is_reset)

    def _pump(self, source, target):
        rest = b""
        try:
            while piece := source.recv(65536):
                arrived = time.monotonic()
                *lines, rest = (rest + piece).split(b"\n")
                if self.link.delay:
                    time.sleep(max(0.0, arrived + self.link.delay - time.monotonic()))
                for line in lines:
                    if not self.link.passes(self, line):
                        return
                    target.sendall(line + b"\n")
        except OSError:
            pass
        if not self.is_lost:
            self.end()

"""A slow link to a server, on loopback, that counts what goes over it.

    with Link(server.ports["imaps"], delay_ms=20, rate=12_500_000) as link:      there and back 40 ms, 100 Mbit/s each way
        … connect to link.port …
        link.up, link.down          bytes from the client, from the server, so far
        link.turns                  how often the client spoke after the server had: its round trips, when it waits for
                                    each answer
        link.cut()                  ends all connections with RST; new ones pass
        link.silence(); link.heal() nothing passes in between, nothing is closed

Each direction of a connection is a thread that reads and one that sends when the time has come. The opening of the TCP
connection itself costs nothing: the client's is answered here.
"""
import queue
import socket
import threading
import time

from lib.proxy import Proxy

PIECE = 65536


class Link(Proxy):
    def __init__(self, to_port, delay_ms=0.0, rate=None, host="127.0.0.1"):
        super().__init__(to_port, host)
        self.delay, self.rate = delay_ms / 1000, rate
        self.up = self.down = self.turns = 0
        self.free_at = {"up": 0.0, "down": 0.0}
        self.flowing = threading.Event()
        self.flowing.set()

    def __exit__(self, *_):
        self.flowing.set()
        super().__exit__()

    def silence(self):
        self.flowing.clear()

    def heal(self):
        self.flowing.set()

    def cut(self):
        self.hang_up_all(is_reset=True)

    def _pair(self, client, server):
        last = {"way": "down"}
        self._pump(client, server, "up", last)
        self._pump(server, client, "down", last)

    def _pump(self, source, target, way, last):
        waiting = queue.Queue(256)
        threading.Thread(target=self._read, args=(source, way, last, waiting), daemon=True).start()
        threading.Thread(target=self._send, args=(target, waiting), daemon=True).start()

    def _count(self, way, size, last):
        """When bytes given to the link now are at its other end."""
        with self.lock:
            if way == "up":
                self.up += size
                self.turns += last["way"] == "down"
            else:
                self.down += size
            last["way"] = way
            now = time.monotonic()
            if self.rate:
                self.free_at[way] = now = max(now, self.free_at[way]) + size / self.rate
        return now + self.delay

    def _read(self, source, way, last, waiting):
        try:
            while piece := source.recv(PIECE):
                waiting.put((self._count(way, len(piece), last), piece))
        except OSError:
            pass
        waiting.put((time.monotonic() + self.delay, b""))

    def _send(self, target, waiting):
        try:
            while True:
                due, piece = waiting.get()
                time.sleep(max(0.0, due - time.monotonic()))
                self.flowing.wait()
                if not piece:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(piece)
        except OSError:
            pass

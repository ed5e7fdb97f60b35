"""What stands between a client and a server, on loopback: the one loop that takes connections, for Link, Cutter and Filter.

    class Mine(Proxy):
        def _pair(self, client, server): …      two connected sockets, both without Nagle; starts threads and comes back
        def _ready(self): …                     waits as long as nobody is to be let in

    with Mine(server.ports["imap"]) as proxy: … connect to proxy.port …
"""
import socket
import threading

from lib.door import hang_up, open_door


class Proxy:
    def __init__(self, to_port, host="127.0.0.1", door="127.0.0.1"):
        self.to, self.stopping = (host, to_port), False
        self.lock, self.sockets = threading.Lock(), []
        self.listener = open_door(host=door)
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.listener.close()
        self.hang_up_all()

    def hang_up_all(self, is_reset=False):
        """Ends all connections; new ones pass."""
        with self.lock:
            doomed, self.sockets = self.sockets, []
        for one in doomed:
            hang_up(one, is_reset)

    def _accept(self):
        while not self.stopping:
            try:
                client, _ = self.listener.accept()
            except OSError:
                continue  # it is closed, or the client has gone already
            self._ready()
            try:
                server = socket.create_connection(self.to)
            except OSError:
                client.close()  # there is no server behind it
                continue
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.sockets += [client, server]
            self._pair(client, server)

    def _ready(self):
        pass

    def _pair(self, client, server):
        raise NotImplementedError

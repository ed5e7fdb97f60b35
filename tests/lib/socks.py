"""A SOCKS5 proxy (RFC 1928, 1929) on loopback that says what it was asked.

    with SocksProxy(names={"imap.example.test": port}, login=("ada", "secret")) as proxy:
        … connect through 127.0.0.1:proxy.port …
        proxy.requests              [("name", "imap.example.test", 993)], kinds name, ipv4, ipv6
        proxy.refused               logins that were wrong
        proxy.cut()                 ends all connections with RST

Whatever is asked for, known names and addresses lead to their port on 127.0.0.1; the rest is refused with reply 4, or
with `reply` for all.
"""
import socket
import socketserver
import struct
import threading

KINDS = {1: ("ipv4", 4), 4: ("ipv6", 16)}


class Refused(Exception):
    pass


class SocksProxy:
    def __init__(self, names, login=None, reply=0):
        self.names, self.login, self.reply = names, login, reply
        self.requests, self.refused, self.sockets = [], 0, []
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    proxy.serve(self.request)
                except (OSError, EOFError, Refused):
                    pass

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.cut()

    def cut(self):
        doomed, self.sockets = self.sockets, []
        for one in doomed:
            try:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def serve(self, client):
        version, count = self._read(client, 2)
        methods = self._read(client, count)
        wanted = 2 if self.login else 0
        if version != 5 or wanted not in methods:
            client.sendall(b"\x05\xff")
            raise Refused
        client.sendall(bytes([5, wanted]))
        if self.login:
            self._check_login(client)
        target = self._connect(client)
        self.sockets += [client, target]
        back = threading.Thread(target=self._pump, args=(target, client), daemon=True)
        back.start()
        self._pump(client, target)
        back.join()
        target.close()

    def _read(self, client, size):
        data = b""
        while len(data) < size:
            piece = client.recv(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def _check_login(self, client):
        _, size = self._read(client, 2)
        user = self._read(client, size).decode()
        password = self._read(client, self._read(client, 1)[0]).decode()
        if (user, password) != self.login:
            self.refused += 1
            client.sendall(b"\x01\x01")
            raise Refused
        client.sendall(b"\x01\x00")

    def _connect(self, client):
        _, command, _, kind = self._read(client, 4)
        if kind == 3:
            what, host = "name", self._read(client, self._read(client, 1)[0]).decode()
        else:
            what, size = KINDS[kind]
            host = socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6, self._read(client, size))
        port = int.from_bytes(self._read(client, 2), "big")
        self.requests.append((what, host, port))
        reply = self.reply or (0 if command == 1 and host in self.names else 4)
        if not reply:
            try:
                target = socket.create_connection(("127.0.0.1", self.names[host]), 10)
                target.settimeout(None)
            except OSError:
                reply = 5
        client.sendall(bytes([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]))
        if reply:
            raise Refused
        return target

    @staticmethod
    def _pump(source, target):
        try:
            while piece := source.recv(65536):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

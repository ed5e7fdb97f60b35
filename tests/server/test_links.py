"""Connections that are lost, refused or cut, and how they come back: looked at through the status line."""
import re
import socket
import time

import pytest

from lib.link import Link
from lib.mailserver import wait_until
from lib.ownimap import OwnImap
from server.test_cli_errors import account
from server.test_live import Watch

CONNECTED = re.compile("connected|live")
LOST = re.compile("again in|refused the connection|closed the connection")  # the state, or the news that covers it


def logins(server):
    return server.log().count("imap-login: Info: Login:")


def refusals(server):
    return server.log().count("auth failed") + server.log().count("Aborted login")


def wait_connected(terminal, timeout=60):
    """News covers the state until a key is pressed."""
    def stands():
        terminal.send("k")
        terminal.settle()
        return CONNECTED.search(terminal.text())
    assert wait_until(stands, timeout), terminal.text()


def test_server_gone_and_back(tern, empty_server, screen):
    tern.write(empty_server.account("ada"))
    terminal = screen()
    wait_connected(terminal)
    empty_server.stop()
    terminal.wait(LOST, 60)
    empty_server.start()
    began = time.monotonic()
    wait_connected(terminal)
    assert time.monotonic() - began < 30  # not as long as after many tries


def test_server_that_comes_late(tern, empty_server, screen):
    tern.write(empty_server.account("ada"))
    empty_server.stop()
    terminal = screen()
    terminal.wait(LOST, 60)
    empty_server.start()
    wait_connected(terminal)


def test_cut_again_and_again(tern, empty_server, screen):
    with Link(empty_server.ports["imaps"]) as link:
        tern.write(empty_server.account("ada", incoming="imaps").replace(f":{empty_server.ports['imaps']}", f":{link.port}", 1))
        terminal = screen()
        wait_connected(terminal)
        for _ in range(3):
            before = logins(empty_server)
            link.cut()
            assert wait_until(lambda: logins(empty_server) > before, 60)
            wait_connected(terminal)


def test_wrong_password_is_not_tried_again_and_again(tern, make_server, screen):
    server = make_server(auth="plain")
    tern.write(server.account("ada", password="wrong-secret"))
    terminal = screen()
    terminal.wait("password?", 60)
    count = refusals(server)
    assert count >= 1
    for _ in range(4):  # folders are opened and left
        terminal.send("g")
        terminal.settle()
    time.sleep(3)
    assert refusals(server) == count
    # A person who asks is a reason.
    terminal.send("$")
    assert wait_until(lambda: refusals(server) > count, 60)
    terminal.wait("password?", 60)


@pytest.mark.parametrize("script", [
    "S: * BYE Too many connections from your IP\n! close\n",
    "S: * OK [CAPABILITY IMAP4rev1] ready\nC~ (\\S+) LOGIN .*\nS: {tag} NO [LIMIT] LOGIN Rate limit hit\nC~ .*\n",
    "S: * OK [CAPABILITY IMAP4rev1] ready\nC~ (\\S+) LOGIN .*\n"
    "S: {tag} NO [ALERT] Too many simultaneous connections. (Failure)\nC~ .*\n",
])
def test_too_many_connections(tern, scripted, screen, script):
    """Nobody hammers a server that says so."""
    server = scripted(script.replace("C~ (\\S+) LOGIN .*", "C: $A LOGIN * *").replace("{tag}", "$A"))
    tern.write(account(f"imap://ada@localhost:{server.port}"))
    terminal = screen()
    terminal.wait(re.compile(r"again in [3-6]\d s"), 60)


def test_who_idles_makes_room(tern):
    """The connection for work is lost, and refused since one too many stands: the one that idles hangs up for it."""
    with OwnImap() as server:
        idles = set()

        def login(talk):
            if not idles or talk.connection in idles:
                talk.ok()
            else:
                talk.send(f"{talk.tag} NO [LIMIT] too many connections\r\n")

        def idle(talk):
            idles.add(talk.connection)
            talk.send("+ idling\r\n")
            tag = talk.tag
            try:
                line = talk.reader.readline()
            finally:
                idles.discard(talk.connection)
            server.heard.append(line.decode())
            talk.send(f"{tag} OK done\r\n")

        server.answers.update(LOGIN=login, IDLE=idle,
                              CAPABILITY=lambda talk: talk.ok("* CAPABILITY IMAP4rev1 IDLE"))
        tern.write(server.account())
        with Watch(tern):
            assert wait_until(lambda: idles and len(server.connections) >= 2, 60)
            before = len(server.connections)
            for one in server.connections:
                if one not in idles:
                    one.shutdown(socket.SHUT_RDWR)
            assert wait_until(lambda: any("LOGOUT" in line for line in list(server.heard)), 60), server.heard
            assert wait_until(lambda: len(server.connections) > before + 1 and idles, 60), server.heard


def test_first_page_by_who_has_the_inbox_open(tern, make_server, screen):
    """At the first start one connection opens the Inbox in the flight of LIST. The one that is to watch it stands when the
    answer comes, and yet the first page is not left to it: it would have to open the folder first."""
    server = make_server(auth="plain")
    server.deliver("ada", b"Subject: one\n\ntext\n")
    trace = tern.profile / "trace"
    with Link(server.ports["imaps"], delay_ms=250) as link:
        tern.write(server.account("ada").replace(f":{server.ports['imaps']}", f":{link.port}", 1))
        screen(80, 24, "--trace", trace).wait(" of ", 60)
    before, fetch, _ = trace.read_text().partition("FETCH ")
    assert fetch and before.count('"INBOX"') == 1, before

"""A POP3 account on the screen: what is only on the server, and how it comes; the question of the first visit; downloading,
cancelled and gone on with; then all of it with the server stopped."""
import pytest

from lib.genmail import Generator, write_maildir

SIZES = [(80, 24), (120, 40), (40, 12)]
LARGE = b"Subject: A large one\r\nFrom: Bob <bob@example.org>\r\nMessage-ID: <large@example.org>\r\n\r\nthe text\r\n" + b"x\r\n" * 200000


@pytest.fixture
def pop(tern, make_server):
    """A server of its own; pop(**keys) writes the account "pop" on it."""
    server = make_server()

    def configure(**keys):
        tern.write(server.account("ada", "pop", incoming="pop3s", outgoing=None, **keys))
        return server
    return configure


@pytest.mark.parametrize("size", SIZES)
def test_a_large_message_is_fetched_by_a_key(tern, pop, screen, size):
    server = pop(max_size="100K")
    server.deliver("ada", LARGE)
    tern.ok("sync", "--yes")
    terminal = screen(*size)
    terminal.wait("A large", timeout=60)
    terminal.wait("586 KB on the server" if size[0] >= 60 else "586 KB", timeout=60)
    # It goes nowhere, and says why.
    terminal.send("a")
    terminal.wait("only the header", timeout=60)
    terminal.wait("A large", timeout=60)
    terminal.send("<Enter>")
    terminal.wait("586 KB, on the server only.", timeout=60)
    terminal.wait("w fetches", timeout=60)
    terminal.send("w")
    terminal.wait("the text", timeout=60)
    terminal.send("w")
    terminal.wait("All of this message is here", timeout=60)
    terminal.send("q")
    terminal.wait_gone("586 KB", timeout=60)


def test_a_large_message_without_a_connection(tern, pop, screen):
    server = pop(max_size="100K")
    server.deliver("ada", LARGE)
    tern.ok("sync", "--yes")
    terminal = screen(80, 24, "--offline")
    terminal.wait("A large", timeout=60)
    terminal.send("<Enter>")
    terminal.wait("on the server only", timeout=60)
    terminal.send("w")
    terminal.wait("offline", timeout=60)

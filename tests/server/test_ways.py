"""Ways to a server other than directly: SOCKS5 proxies, tunnels; and a certificate of one's own instead of a password."""
import shlex
import subprocess

import pytest

from lib.mailserver import wait_until
from lib.socks import SocksProxy
from server.test_cli_errors import fails
from server.test_sync import agree, filled

# A tunnel that needs nothing but Python: standard input and output to a port.
RELAY = """import os, socket, sys, threading
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
def down():
    while piece := s.recv(65536):
        os.write(1, piece)
    os._exit(0)
threading.Thread(target=down, daemon=True).start()
while piece := os.read(0, 65536):
    s.sendall(piece)
"""


@pytest.fixture
def relay(tmp_path):
    """A tunnel's command to a port."""
    script = tmp_path / "relay.py"
    script.write_text(RELAY)
    return lambda port: f"/usr/bin/python3 {shlex.quote(str(script))} {port}"


def through(proxy, login=""):
    return f"socks5://{login}127.0.0.1:{proxy.port}"


# --- SOCKS5 ---

@pytest.mark.parametrize("login, url", [(None, ""), (("ada", "p@:ss wörd"), "ada:p%40%3Ass%20w%C3%B6rd@")])
def test_proxy_resolves_names(tern, server, login, url):
    """The name is the proxy's business; here it does not exist. TLS is with the name."""
    port = server.ports["imaps"]
    with SocksProxy({"imap.example.test": port}, login) as proxy:
        tern.write(server.account("ada", incoming=None, proxy=through(proxy, url)).replace("localhost", "imap.example.test", 1))
        tern.ok("sync", "INBOX")
        agree(tern, server)
        assert set(proxy.requests) == {("name", "imap.example.test", port)}
        assert proxy.refused == 0


@pytest.mark.parametrize("host, kind", [("[::1]", "ipv6"), ("127.0.0.1", "ipv4")])
def test_proxy_with_addresses(tern, server, host, kind):
    """By the proxy goes what comes and what goes out."""
    with SocksProxy({"::1": server.ports["imaps"], "127.0.0.1": server.ports["imaps"], "localhost": server.ports["smtps"]}) as proxy:
        tern.write(server.account("ada", proxy=through(proxy)).replace("localhost", host, 1))
        tern.ok("account", "check")
        assert proxy.requests == [(kind, host.strip("[]"), server.ports["imaps"]), ("name", "localhost", server.ports["smtps"])]


def test_proxy_with_a_wrong_password(tern, server):
    with SocksProxy({}, ("ada", "right")) as proxy:
        tern.write(server.account("ada", proxy=through(proxy, "ada:pw-secret@")))
        fails(tern, "sync", kind="auth", says="proxy.*does not accept user and password")
        shown = tern.ok("config", "show")
        assert "pw-secret" not in shown.out and "socks5://ada:****" in shown.out
        assert proxy.refused and not proxy.requests


def test_proxy_that_wants_a_login(tern, server):
    with SocksProxy({}, ("ada", "right")) as proxy:
        tern.write(server.account("ada", proxy=through(proxy)))
        fails(tern, "sync", kind="auth", says="USER:PASSWORD")


@pytest.mark.parametrize("reply, says", [(2, "rules"), (4, "host"), (5, "refused"), (200, "without a name")])
def test_proxy_that_refuses(tern, server, reply, says):
    with SocksProxy({}, reply=reply) as proxy:
        tern.write(server.account("ada", proxy=through(proxy)))
        fails(tern, "sync", kind="network", says=f"proxy 127.0.0.1:{proxy.port} .*{says}")


def test_no_password_in_the_clear_behind_a_proxy(tern, server):
    """What the proxy calls localhost is not this machine."""
    with SocksProxy({"localhost": server.ports["imap"]}) as proxy:
        tern.write(server.account("ada", incoming="imap", proxy=through(proxy)))
        fails(tern, "sync", kind="config", says="unencrypted; use imaps://", status=2)
        assert not proxy.requests


def test_certificate_is_checked_behind_a_proxy(tern, make_server):
    server = make_server(cert="wrong-host")
    with SocksProxy({"localhost": server.ports["imaps"]}) as proxy:
        tern.write(server.account("ada", proxy=through(proxy)))
        fails(tern, "sync", kind="tls", says="localhost")


# --- tunnels ---

def processes_with(word):
    ran = subprocess.run(["pgrep", "-f", word], capture_output=True, text=True)
    return ran.stdout.split()


def test_preauth(tern, empty_server, tmp_path):
    """Dovecot's imap itself at the other end: nobody logs in, no password is anywhere."""
    filled(empty_server, tmp_path, count=120)
    command = f"doveadm -c {empty_server.folder}/dovecot.conf exec imap -u ada"
    tern.write(empty_server.account("ada", incoming="imap", password=None, tunnel=command))
    tern.ok("sync", "INBOX")
    agree(tern, empty_server)
    # A message's text, over a tunnel of its own run.
    row = tern.json("list", "INBOX", "--limit", "1").rows[0]
    assert tern.json("show", str(row["id"])).rows[0]["text"]
    assert wait_until(lambda: not processes_with(f"{empty_server.folder}/dovecot.conf exec"), 60)


@pytest.mark.parametrize("scheme", ["imap", "imaps", "imap+starttls"])
def test_login_through_a_tunnel(tern, server, relay, scheme):
    """The URL says what is spoken inside: with TLS, whose certificate counts, or plain."""
    port = server.ports["imaps" if scheme == "imaps" else "imap"]
    tern.write(server.account("ada", incoming=scheme, tunnel=relay(port)).replace("localhost", "imap.example.test", 1))
    tern.ok("sync", "INBOX")
    agree(tern, server)
    assert wait_until(lambda: not processes_with(relay(port).split()[-2]), 60)


@pytest.mark.parametrize("command, kind, says", [
    ("echo 'ssh: no route to host' >&2; exit 255", "network", "status 255: ssh: no route to host"),
    ("no-such-command-secret-1 2>&1 >/dev/null | sed s/secret/xxx/ >&2; exit 127", "config", "status 127"),
    ("exit 0", "network", "closed the connection|ended"),
    ("printf '\\033]0;owned\\007' >&2; exit 1", "network", "status 1"),
])
def test_tunnels_that_end(tern, server, command, kind, says):
    tern.write(server.account("ada", incoming="imap", tunnel=command.replace("\\", "\\\\")))
    message = fails(tern, "sync", kind=kind, says=says)
    assert "\033" not in message


def test_no_preauth_without_a_tunnel(tern, scripted, authority):
    """Somebody who lets tern into a mailbox of his own."""
    server = scripted("S: * PREAUTH [CAPABILITY IMAP4rev1] welcome\n" "C~ .*\n", tls=authority.server_context())
    tern.write("\n".join(["[account ada]", "address = ada@example.org", f"incoming = imaps://ada@localhost:{server.port}",
                          "password = ada-secret", f"ca-file = {authority.ca_file}", ""]))
    fails(tern, "sync", kind="auth", says="PREAUTH")


# --- a certificate of one's own ---

EXTERNAL = """ssl_ca = <{ca}
ssl_verify_client_cert = yes
ssl_require_crl = no
auth_ssl_username_from_cert = yes
auth_ssl_username_from_cert = yes
passdb {{
  driver = static
  args = nopassword=y
  mechanisms = external
}}
"""


def test_external(tern, make_server, tmp_path):
    """Logged in by a certificate: no password anywhere."""
    from lib.certs import Authority
    people = Authority(tmp_path / "people")
    cert, key = people.issue_for_client("ada")
    server = make_server(auth="external plain", extra=EXTERNAL.format(ca=people.ca_file))
    key.chmod(0o600)
    keys = {"password": None, "client_cert": cert, "client_key": key}
    tern.write(server.account("ada", **keys))
    tern.ok("sync", "INBOX")
    assert "method=EXTERNAL" in server.log()
    # The key that others can read, and one that is not the certificate's.
    key.chmod(0o644)
    fails(tern, "sync", kind="config", says="chmod 600", status=2)
    _, other = people.issue_for_client("bob")
    other.chmod(0o600)
    tern.write(server.account("ada", **{**keys, "client_key": other}))
    fails(tern, "sync", kind="config", says="client-key")
    # A certificate that the server knows nobody for, and no password to fall back on.
    strangers = Authority(tmp_path / "strangers")
    cert, key = strangers.issue_for_client("ada")
    key.chmod(0o600)
    tern.write(server.account("ada", password=None, client_cert=cert, client_key=key))
    error = tern.json("sync").error
    assert error["kind"] in ("auth", "tls", "network"), error


def test_certificate_that_nobody_asks_for(tern, server, tmp_path):
    """It is no hindrance: the password counts then."""
    from lib.certs import Authority
    cert, key = Authority(tmp_path / "people").issue_for_client("ada")
    key.chmod(0o600)
    tern.write(server.account("ada", client_cert=cert, client_key=key))
    tern.ok("account", "check")

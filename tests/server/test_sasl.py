"""Logging in by IMAP as tern does: the mechanism chosen, channel binding, and what is said when it fails."""
import json
import subprocess
from pathlib import Path

import pytest

from lib.program import PROGRAM

BUILD = PROGRAM.parent


@pytest.fixture(scope="session")
def programs():
    """The C programs of tests/lib, made where the program under test is."""
    names = ["tests/lib/imap-login", "tests/lib/gsasl-server"]
    made = subprocess.run(["make", "-s", "-C", BUILD, *names], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return {Path(name).name: BUILD / name for name in names}


@pytest.fixture
def login(programs):
    def log_in(security, port, user, password, ca_file, *pin):
        ran = subprocess.run([programs["imap-login"], security, "localhost", str(port), user, password, str(ca_file), *pin],
                             capture_output=True, text=True, timeout=60)
        assert "Sanitizer" not in ran.stderr, ran.stderr
        return json.loads(ran.stdout)
    return log_in


@pytest.fixture
def gsasl(programs):
    """A function of gsasl-server's options: what it prints, as a dict."""
    running = []

    def start(*options):
        server = subprocess.Popen([programs["gsasl-server"], *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        running.append(server)
        return json.loads(server.stdout.readline())
    yield start
    for server in running:
        server.stdin.close()
        server.wait(timeout=30)
        server.stdout.close()


ALL = "SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN"


@pytest.mark.parametrize("options, mechanism", [
    ([], "SCRAM-SHA-256-PLUS"),
    (["--tls", "1.2"], "SCRAM-SHA-256-PLUS"),
    (["--bindings", "tls-unique"], "SCRAM-SHA-256-PLUS"),
    (["--bindings", "tls-unique", "--refuse-late"], "SCRAM-SHA-256-PLUS"),
    (["--mechanisms", "SCRAM-SHA-1 SCRAM-SHA-256 PLAIN"], "SCRAM-SHA-256"),
    (["--mechanisms", "LOGIN PLAIN"], "PLAIN"),
    (["--mechanisms", "LOGIN"], "LOGIN"),
    (["--mechanisms", ""], "LOGIN command"),
])
def test_strongest_mechanism(gsasl, login, options, mechanism):
    server = gsasl(*options)
    assert login("tls", server["port"], "ada", "ada-secret", server["ca_file"])["mechanism"] == mechanism


@pytest.mark.parametrize("options, words", [
    (["--in-the-middle"], ""),
    (["--skip-proof"], "did not prove"),
    (["--mechanisms", "SCRAM-SHA-256", "--rounds", "4000000000"], "rounds"),
    (["--bindings", "none"], "pin = "),
    (["--mechanisms", "GSSAPI", "--login-disabled"], "GSSAPI"),
])
def test_never_logged_in(gsasl, login, options, words):
    server = gsasl(*options)
    said = login("tls", server["port"], "ada", "ada-secret", server["ca_file"])
    assert said["kind"] == "auth", said
    assert words in said["error"]


def test_a_pin_does_without_binding(gsasl, login):
    server = gsasl("--bindings", "none")
    said = login("tls", server["port"], "ada", "ada-secret", "-", server["fingerprint"])
    assert said.get("mechanism") == "SCRAM-SHA-256", said


def test_no_password_without_tls(gsasl, login):
    server = gsasl("--tls", "none", "--mechanisms", "PLAIN LOGIN")
    said = login("plain", server["port"], "ada", "ada-secret", "-")
    assert said["kind"] == "auth" and "PLAIN" in said["error"], said


@pytest.mark.parametrize("security, port, mechanism", [
    ("tls", "imaps", "SCRAM-SHA-256-PLUS"),
    ("starttls", "imap", "SCRAM-SHA-256-PLUS"),
])
def test_cyrus(cyrus, login, security, port, mechanism):
    """It takes tls-unique only, under TLS 1.3 too, and refuses tls-exporter as if the password were wrong."""
    said = login(security, cyrus.ports[port], cyrus.user, cyrus.password, cyrus.ca_file)
    assert said == {"mechanism": mechanism, "tls": "TLSv1.3"}


def test_cyrus_with_a_wrong_password(cyrus, login):
    said = login("tls", cyrus.ports["imaps"], cyrus.user, "stylus", cyrus.ca_file)
    assert said["kind"] == "auth"


def test_the_kind_of_binding_is_kept(cyrus, tern, tmp_path):
    """The first run has to find out; the next one's first attempt is right. All of them are bound."""
    for tries in (2, 1):
        trace = tmp_path / f"trace{tries}"
        tern.write(f"[account cy]\naddress = ada@example.org\nca-file = {cyrus.ca_file}\npassword = {cyrus.password}\n"
                   f"incoming = imaps://{cyrus.user}@localhost:{cyrus.ports['imaps']}\n")
        tern.ok("--trace", str(trace), "sync", "INBOX")
        asked = [line.split("AUTHENTICATE ")[1].split()[0] for line in trace.read_text(errors="replace").split("\n")
                 if "AUTHENTICATE " in line]
        assert asked == ["SCRAM-SHA-256-PLUS"] * tries


# --- what a server offered before ---

def test_a_weaker_login_than_before(tern, make_server):
    """SCRAM is gone from what is offered: no password is sent, until it is said that this is right."""
    server = make_server()
    tern.write(server.account("ada"))
    tern.ok("sync", "INBOX")
    server.stop()
    server.start(auth="plain login", rawlog=True)
    for words in (("sync",), ("account", "check")):
        result = tern.json(*words)
        assert result.status == 1
        error = result.error or result.rows[0]["error"]
        assert error["kind"] == "auth" and "offered a stronger login before (SCRAM)" in error["message"], repr(result)
        assert "weaker-login = yes" in error["message"]
    assert "Login: user=<ada>" not in server.log().split("Killed", 1)[-1].rsplit("starting up", 1)[-1]
    tern.write(server.account("ada", weaker_login="yes"))
    tern.ok("sync", "INBOX")
    # It is known now; and what is stronger again counts from then on.
    tern.write(server.account("ada"))
    tern.ok("sync", "INBOX")
    server.stop()
    server.start(auth="plain scram-sha-256")
    tern.ok("sync", "INBOX")
    server.stop()
    server.start(auth="plain")
    assert tern.json("sync", "INBOX").error["kind"] == "auth"


def test_another_server_is_another_matter(tern, make_server):
    strong, weak = make_server(), make_server(auth="plain")
    tern.write(strong.account("ada"))
    tern.ok("sync", "INBOX")
    tern.write(weak.account("ada"))
    tern.ok("sync", "INBOX")

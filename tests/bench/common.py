"""What the benchmarks share: rows, the programs that are compared, a large mailbox made once a run."""
import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from lib.genmail import Generator, write_maildir
from lib.mailserver import MailServer
from lib.program import Tern

COUNT = int(os.environ.get("BENCH_MESSAGES", 100_000))


def row(what, value, unit, limit=None, note="", better=None):
    line = {"what": what, "value": value, "unit": unit, "note": note}
    if limit is not None:
        line["limit"] = limit
    if better:
        line["better"] = better
    print(json.dumps(line), flush=True)


@contextmanager
def folder():
    path = Path(tempfile.mkdtemp(prefix="tern-bench-"))
    os.chmod(path, 0o711)  # Dovecot delivers as nobody when it is root's
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def large_server(path, count=COUNT, plain=False):
    """A Dovecot whose INBOX holds that many messages, with its caches warm: the server's first look is not measured."""
    write_maildir(path / "mail", Generator(seed=11, count=count, plain=plain))
    with MailServer() as server:
        server.fill("ada", "INBOX", path / "mail")
        client = server.imap("ada")
        client.select("INBOX", readonly=True)
        fields = "DATE FROM TO CC REPLY-TO SUBJECT MESSAGE-ID REFERENCES IN-REPLY-TO LIST-ID"
        for low in range(1, count + 1, 5000):
            client.fetch(f"{low}:{low + 4999}", f"(FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({fields})])")
        client.logout()
        yield server


def tern_in(path, server=None, port=None):
    """tern in a new profile there; `port`: through a link instead of the server's own."""
    tern = Tern(path)
    if server:
        text = server.account("ada")
        tern.write(text.replace(f":{server.ports['imaps']}", f":{port}") if port else text)
    return tern

"""What folders are for: by the server, by their names, by the configuration; and folders that are made because one of that
use is missing."""
import imaplib
import ssl

import pytest

from lib.genmail import Generator, write_maildir


def roles(tern):
    return {f["role"]: f["folder"] for f in tern.json("--offline", "folders").rows if f["role"] != "none"}


@pytest.fixture
def filled(make_server, tern, tmp_path):
    """A function: a Dovecot that says of no folder what it is for, with some mail and these folders; and ada's profile."""
    write_maildir(tmp_path / "mail", Generator(seed=5, count=5))

    def make(*folders, prefix="", roles=(), **keys):
        server = make_server(roles=roles, prefix=prefix)
        if folders:
            server.create("ada", *folders)
        server.fill("ada", "INBOX", tmp_path / "mail")
        tern.write(server.account("ada", **keys))
        tern.ok("sync")
        return server
    return make


def test_names_of_many_languages(filled, tern):
    filled("Gesendet", "Entwürfe", "Papierkorb", "Спам", "存档", "Projekte")
    assert roles(tern) == {"inbox": "INBOX", "sent": "Gesendet", "drafts": "Entwürfe", "trash": "Papierkorb", "junk": "Спам",
                           "archive": "存档"}


def test_names_below_the_prefix(filled, tern):
    filled("INBOX.Sent", "INBOX.Corbeille", "INBOX.Projects.Archive", prefix="INBOX.")
    assert roles(tern) == {"inbox": "INBOX", "sent": "INBOX/Sent", "trash": "INBOX/Corbeille"}


def test_the_server_before_the_configuration_the_configuration_before_names(filled, tern):
    filled("Trash", "Sent", "Archive", "Lager", roles=("Kram=Trash", "Out=Sent"), trash="Trash", archive="Lager")
    assert roles(tern) == {"inbox": "INBOX", "sent": "Out", "trash": "Kram", "archive": "Lager"}


@pytest.mark.parametrize("prefix", ["", "INBOX."])
def test_a_missing_folder_is_made(filled, tern, prefix):
    server = filled(prefix=prefix)
    ids = [r["id"] for r in tern.json("--offline", "list").rows]
    tern.ok("archive", ids[0])
    tern.ok("sync")
    made = server.doveadm("mailbox", "list", "-u", "ada", "-s").splitlines()
    assert f"{prefix}Archive" in made
    assert server.doveadm("mailbox", "status", "-u", "ada", "messages", f"{prefix}Archive").endswith("messages=1")
    assert roles(tern)["archive"] == prefix.replace(".", "/") + "Archive"


def test_a_missing_folder_is_called_as_configured(filled, tern):
    server = filled("Trash", prefix="", trash="Mail/Weg")
    assert "trash" not in roles(tern)
    ids = [r["id"] for r in tern.json("--offline", "list").rows]
    tern.ok("delete", ids[0])
    tern.ok("sync")
    assert server.doveadm("mailbox", "status", "-u", "ada", "messages", "Mail/Weg").endswith("messages=1")
    assert roles(tern)["trash"] == "Mail/Weg"
    tern.ok("undo")
    tern.ok("sync")
    assert server.doveadm("mailbox", "status", "-u", "ada", "messages", "INBOX").endswith("messages=5")


def test_the_configuration_is_changed(filled, tern):
    server = filled("Trash", "Weg", trash="Weg")
    assert roles(tern)["trash"] == "Weg"
    tern.write(server.account("ada"))
    tern.ok("sync")
    assert roles(tern)["trash"] == "Trash"


def test_the_configuration_counts_from_the_start(filled, tern):
    """Before the next list, which may be far off: but not where the server says otherwise."""
    server = filled("Trash", "Weg", "Archive", "Lager", roles=("Kram=Junk",), trash="Weg")
    assert roles(tern) == {"inbox": "INBOX", "junk": "Kram", "trash": "Weg", "archive": "Archive"}
    tern.write(server.account("ada", archive="Lager", junk="Weg"))
    ids = [row["id"] for row in tern.json("--offline", "list").rows]
    tern.ok("--offline", "archive", ids[0])
    assert len(tern.json("--offline", "list", "Lager").rows) == 1
    expected = {"inbox": "INBOX", "junk": "Kram", "trash": "Trash", "archive": "Lager"}
    assert roles(tern) == expected
    tern.write(server.account("ada", archive="Neu"))        # one that is still to be made
    assert roles(tern) == {"inbox": "INBOX", "junk": "Kram", "trash": "Trash"}
    tern.ok("--offline", "archive", ids[1])
    assert len(tern.json("--offline", "list", "Neu").rows) == 1
    tern.write(server.account("ada", archive="Lager"))
    assert roles(tern) == expected
    tern.ok("sync")
    assert roles(tern) == expected


def test_cyrus_makes_it_with_its_use(cyrus, tern):
    """CREATE-SPECIAL-USE: the name says nothing, the server does afterwards."""
    def configure(**keys):
        lines = {"address": "ada@example.org", "incoming": f"imaps://{cyrus.user}@localhost:{cyrus.ports['imaps']}",
                 "password": cyrus.password, "ca-file": cyrus.ca_file, **keys}
        tern.write("[account cyrus]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items()))

    context = ssl.create_default_context(cafile=cyrus.ca_file)
    with imaplib.IMAP4_SSL("localhost", cyrus.ports["imaps"], ssl_context=context) as client:
        client.login(cyrus.user, cyrus.password)
        client.append("INBOX", None, None, b"Subject: to be kept\r\nMessage-ID: <kept@example.org>\r\n\r\nx\r\n")
    configure(archive="Lager")
    tern.ok("sync")
    assert "archive" not in roles(tern)
    tern.ok("archive", next(r["id"] for r in tern.json("--offline", "list").rows if r.get("message_id") == "kept@example.org"))
    tern.ok("sync")
    configure()
    tern.ok("sync")
    assert roles(tern)["archive"] == "Lager"

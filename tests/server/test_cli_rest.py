"""Doctor, links, the trace, offline, keys, and what a script leans on."""
import json
import re
import sqlite3
import subprocess

from lib.genmail import Generator, write_maildir

MAIL = (b"From: =?utf-8?Q?Zo=C3=AB?= <zoe@example.com>\r\nTo: ada@example.org, Team <team@example.org>\r\nCc: x@example.org\r\n"
        b"Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nDate: Tue, 24 Nov 2026 11:58:00 +0100\r\nMessage-ID: <one@example.com>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        b"<p>See <a href=\"https://example.org/a?b=1\">the plan</a>.</p>\r\n")
SIGNED = (b"From: a@example.com\r\nSubject: signed\r\nContent-Type: multipart/signed; boundary=b; micalg=pgp-sha256;\r\n"
          b" protocol=\"application/pgp-signature\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
          b"--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n")
ENCRYPTED = (b"From: a@example.com\r\nSubject: sealed\r\nContent-Type: multipart/encrypted; boundary=b;\r\n"
             b" protocol=\"application/pgp-encrypted\"\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
             b"--b\r\nContent-Type: application/octet-stream\r\n\r\nx\r\n--b--\r\n")


def test_show_as_the_contract_has_it(tern, empty_server):
    for raw in (MAIL, SIGNED, ENCRYPTED):
        empty_server.append("ada", "INBOX", raw)
    tern.write(empty_server.account("ada"))
    tern.ok("sync")
    ids = {row["subject"]: row["id"] for row in tern.json("list").rows}
    row = tern.json("show", ids["Grüße"]).rows[0]
    assert row["date"] == "2026-11-24T11:58:00+01:00" and row["message_id"] == "one@example.com"
    assert row["from"] == [{"name": "Zoë", "address": "zoe@example.com"}]
    assert row["to"] == [{"name": "", "address": "ada@example.org"}, {"name": "Team", "address": "team@example.org"}]
    assert row["cc"] == [{"name": "", "address": "x@example.org"}] and row["flags"] == [] and row["keywords"] == []
    assert row["parts"] == [{"part": "1", "type": "text/html", "charset": "utf-8", "size": row["parts"][0]["size"]}]
    assert row["links"] == [{"text": "the plan", "url": "https://example.org/a?b=1"}]
    assert "the plan" in row["text"] and "<p>" not in row["text"]
    assert {"name": "Subject", "value": "Grüße"} in row["headers"]
    assert row["security"] == {"encrypted": False, "signature": "none", "signers": []}
    signed = tern.json("show", ids["signed"]).rows[0]["security"]
    assert signed["signature"] == "error" and signed["encrypted"] is False and "not checked" in signed["note"]
    assert tern.json("show", ids["sealed"]).rows[0]["security"]["encrypted"] is True
    # the server is not needed any more, and the sides of a message
    empty_server.stop()
    assert tern.json("links", ids["Grüße"]).rows == row["links"]
    assert tern.ok("show", ids["Grüße"], "--html").out.startswith("<p>See")
    assert "Subject: Grüße" in tern.ok("show", ids["Grüße"], "--headers").lines
    assert tern.ok("show", ids["Grüße"], "--text").out == row["text"]
    assert tern("show", ids["signed"], "--html").status == 1
    assert tern.ok("attachments", ids["Grüße"]).out == ""


def test_doctor_finds_all_well_and_what_is_not(tern, server):
    tern.write(server.account("ada"))
    rows = {row["check"]: row for row in tern.json("doctor").rows}
    assert {"versions", "locale", "config", "data", "cache", "store", "ada"} <= set(rows)
    assert rows["ada"]["ok"] and rows["store"]["ok"] and "SQLite 3" in rows["versions"]["message"]
    tern.profile.joinpath("data").chmod(0o755)
    tern.write(server.account("ada", password="wrong"))
    result = tern("doctor", env={"TERM": "no-such-terminal", "LANG": "C"})
    assert result.status == 1
    bad = [line for line in result.lines if line.startswith("!!")]
    assert len(bad) == 4 and f"chmod 700 {tern.profile}/data" in result.out and "wrong" not in result.out


def test_the_trace_masks_secrets(tern, server):
    tern.write(server.account("ada"))
    trace = tern.profile / "trace"
    tern.ok("sync", "--trace", trace)
    text = trace.read_text()
    assert "SELECT" in text or "EXAMINE" in text
    assert "ada-secret" not in text and trace.stat().st_mode & 0o777 == 0o600
    assert not re.search("YWRhLXNlY3JldA|AGFkYQBhZGEtc2VjcmV0", text)


def test_offline_never_connects(tern, scripted):
    listening = scripted("S: * BYE no\n")
    tern.write(f"[account ada]\naddress = a@example.org\nincoming = imap://a@localhost:{listening.port}\npassword = x\n")
    assert tern.json("sync", "--offline").error["kind"] == "network"
    assert tern("account", "check", "--offline").status == 1
    for words in (("doctor", "--offline"), ("folders",), ("list",), ("account", "list"), ("config", "show")):
        tern(*words)
    assert listening.connections == 0
    tern.write(tern.conf.read_text() + "offline = yes\n")
    result = tern.ok("sync")
    assert "offline" in result.err and tern.json("sync", "ada").status == 1
    assert listening.connections == 0


def test_options_may_stand_anywhere(synced):
    rows = synced.json("list", "--limit", "2").rows
    assert synced("--json", "list", "--limit=2").rows == synced("list", "-n2", "--json", "INBOX").rows == rows


def test_an_id_stays_when_the_folder_is_synced_again(tern, empty_server, tmp_path):
    write_maildir(tmp_path / "mail", Generator(seed=8, count=50, plain=True))
    empty_server.fill("ada", "INBOX", tmp_path / "mail")
    tern.write(empty_server.account("ada"))
    tern.ok("sync")
    before = {row["message_id"]: row["id"] for row in tern.json("list").rows}
    empty_server.append("ada", "INBOX", MAIL)
    with empty_server.imap("ada") as client:
        client.select("INBOX")
        client.uid("STORE", "1:3", "+FLAGS.SILENT", r"(\Deleted)")
        client.expunge()
        client.uid("STORE", "10", "+FLAGS.SILENT", r"(\Flagged)")
    result = tern.json("sync", "ada/inbox")
    assert [(row["folder"], row["new"], row["removed"], row["messages"]) for row in result.rows] == [("INBOX", 1, 3, 48)]
    after = {row["message_id"]: row for row in tern.json("list").rows}
    assert len(after) == 48 and all(before[m] == row["id"] for m, row in after.items() if m in before)
    assert [row["uid"] for row in after.values() if "flagged" in row["flags"] and row["uid"] == 10] == [10]


def test_keys_come_from_the_table_and_the_configuration(tern):
    tern.write("[keys]\nX = next-unread\n")
    text = tern.ok("keys").out
    assert re.search(r"^  j, Down +next +", text, re.M) and re.search(r"^  .*X.* next-unread ", text, re.M)


def test_json_lines_are_one_object_each(synced):
    for words in (("folders",), ("list",), ("list", "--threads"), ("account", "list"), ("config", "show"), ("doctor", "--offline")):
        for line in synced(*words, "--json").raw_out.splitlines():
            assert isinstance(json.loads(line.decode("utf-8")), dict)


def test_numbers_that_are_not_known_are_absent(tern, empty_server):
    """A folder that was never synced, on a server that tells no numbers with its list."""
    empty_server.append("ada", "INBOX", MAIL)
    tern.write(empty_server.account("ada"))
    tern.ok("sync", "ada/INBOX")
    store = sqlite3.connect(tern.profile / "data/store.db")
    store.execute("UPDATE folder SET server_messages = -1, server_unseen = -1 WHERE uid_validity = 0")
    store.commit()
    store.close()
    rows = {row["folder"]: row for row in tern.json("folders").rows}
    assert rows["INBOX"]["messages"] == 1 and rows["INBOX"]["unread"] == 1
    others = [row for name, row in rows.items() if name != "INBOX" and row["selectable"]]
    assert others and not any("messages" in row or "unread" in row for row in others), rows
def test_a_closed_pipe_is_silence(tern, empty_server):
    """Who has seen enough (head) is told nothing, and the command has not failed; a full disk is another thing."""
    text = b"From: a@example.org\r\nSubject: long\r\nMessage-ID: <long@example.org>\r\n\r\n" + b"a line of text\r\n" * 50_000
    empty_server.append("ada", "INBOX", text, "")
    tern.write(empty_server.account("ada"))
    tern.ok("sync")
    message = str(tern.json("list").rows[0]["id"])
    tern.ok("show", message)  # it is here now
    for words in (["show", message], ["show", message, "--raw"], ["show", message, "--json"], ["show", message, "--part", "1"],
                  ["list"], ["folders", "--json"], ["sync"], ["config", "show"], ["keys"], ["--help"], ["doctor"]):
        for reader in ("head -c 10", "exec true"):
            ran = subprocess.run(["bash", "-c", f'"$@" | {reader} >/dev/null; exit ${{PIPESTATUS[0]}}', "bash", *tern.argv(*words)],
                                 env=tern.environment(), capture_output=True, text=True, timeout=60)
            assert (ran.returncode, ran.stderr) == (0, ""), (words, reader)
    for words in (["show", message], ["show", message, "--part", "1"], ["list", "--json"]):
        with open("/dev/full", "wb") as full:
            ran = subprocess.run(tern.argv(*words), env=tern.environment(), stdout=full, stderr=subprocess.PIPE, text=True,
                                 timeout=60)
        assert ran.returncode == 1 and "No space left" in ran.stderr, words

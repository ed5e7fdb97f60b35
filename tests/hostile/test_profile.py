"""A profile whose files are changed behind tern's back."""


def message(number, text):
    return (f"From: a@example.org\r\nSubject: subject {number}\r\nMessage-ID: <{number}@example.org>\r\n\r\n"
            f"{text}\r\n").encode()


def test_a_new_store_does_not_show_the_old_ones_texts(tern, empty_server):
    """A store that is moved away, as tern itself advises for a damaged one: ids begin anew, the cache is named by them."""
    empty_server.append("ada", "INBOX", message(1, "the old text"), "", date=1_730_000_000)
    tern.write(empty_server.account("ada"))
    tern.ok("sync")
    assert "the old text" in tern.ok("show", "1").out
    (tern.profile / "data/store.db").rename(tern.profile / "data/moved-away")
    imap = empty_server.imap("ada")
    imap.select("INBOX")
    imap.store("1", "+FLAGS", "\\Deleted")
    imap.expunge()
    imap.logout()
    empty_server.append("ada", "INBOX", message(2, "the new text"), "", date=1_740_000_000)
    tern.ok("sync")
    shown = tern.ok("show", tern.json("list", "INBOX").rows[0]["id"]).out
    assert "the new text" in shown and "subject 2" in shown, shown

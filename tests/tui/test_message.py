"""Reading: from a folder into a message, its text, what hostile ones may not do, and moving on from inside."""


def open_folder(terminal, name):
    terminal.send("c", name, "<Enter>")
    terminal.wait(f"work/{name}" if terminal.screen.columns >= 60 else name)


def test_folder_third_message_text(tui):
    terminal = tui(80, 24, online=True)
    terminal.wait("work/INBOX")
    open_folder(terminal, "Projects/tern")
    terminal.wait("Third")
    terminal.send("j", "j")
    terminal.wait("3 of 3")
    terminal.send("<Enter>")
    terminal.wait("Subject  First")
    terminal.send("k", "k")
    terminal.wait("The third text.")
    assert terminal.row(0).startswith(" work/Projects/tern · Third")
    terminal.wait("1 of 3")
    terminal.wait_for(lambda: "text/plain" in terminal.row(22) and terminal.row(22).endswith("All"))
    terminal.send("q")
    terminal.wait("3 messages")


def test_opening_marks_read(work, tui):
    terminal = tui(80, 24, online=True)
    terminal.wait("2 unread")
    terminal.send("<Enter>")
    terminal.wait("line 3 of a long text")
    terminal.send("q")
    terminal.wait("1 unread")
    assert "●" not in terminal.row(1)
    terminal.send("<Enter>", "N", "q")
    terminal.wait("2 unread")


def test_paging_and_search(tui):
    terminal = tui(80, 24, online=True)
    terminal.wait("work/INBOX")
    terminal.send("<Enter>")
    terminal.wait("line 3 of a long text")
    terminal.send("<Down>")
    terminal.wait_gone("From     ")
    terminal.send("<Space>")
    terminal.wait("line 30 of")
    terminal.send("G")
    terminal.wait("line 100 of")
    assert terminal.row(22).endswith("End")
    terminal.send("=")
    terminal.wait("From     ")
    terminal.send("/", "LINE 77", "<Enter>")
    terminal.wait("line 77 of")
    assert terminal.row(1).strip() == "line 77 of a long text"
    terminal.send("n")
    terminal.wait("Not found below")
    # At the end, a page down goes on to the next unread message.
    terminal.send("G", "<Space>")
    terminal.wait("Yes.")


def test_quotes_fold(tui):
    terminal = tui(80, 24, online=True)
    terminal.wait("work/INBOX")
    terminal.send("j", "<Enter>")
    terminal.wait("Thursday is fine.")
    assert "quoted line 9" not in terminal.text()
    terminal.send("T")
    terminal.wait("quoted line 9")
    terminal.send("T")
    terminal.wait_gone("quoted line 9")
    terminal.send("z")
    terminal.wait("quoted line 9")


def test_headers_links_attachments(tui):
    terminal = tui(80, 24, online=True)
    terminal.wait("work/INBOX")
    terminal.send("Z", "j", "k", "j", "j", "<Enter>")
    terminal.send(":folder INBOX<Enter>", "=", "j", "j", "z")
    terminal.send("q")
    terminal.close()
    terminal = tui(80, 24, online=True)
    terminal.wait("work/INBOX")
    terminal.send("j", "z")
    terminal.wait("├")
    terminal.send("k", "k", "<Enter>")
    terminal.wait("shall we meet")
    terminal.send("h")
    terminal.wait("Message-ID")
    terminal.send("h")
    terminal.wait_gone("Message-ID")
    terminal.send("U")
    terminal.wait("Links of this message")
    assert "example.org" in terminal.row(1) and "https://example.org/figures" in terminal.text()
    terminal.send("q")
    terminal.wait("shall we meet")
    terminal.send("v")
    terminal.wait("has no attachments")
    terminal.send("q", "j", "j", "j", "<Enter>")
    terminal.wait("budget.csv")
    terminal.send("U")
    terminal.wait("has no links")


def test_hostile_message_reaches_no_terminal(tui):
    terminal = tui(80, 24, online=True)
    terminal.wait("work/INBOX")
    open_folder(terminal, "Hostile")
    terminal.wait("owned")
    terminal.send("<Enter>")
    terminal.wait("after")
    terminal.settle()
    for sequence in (b"\x1b]52", b"\x1b]0;", b"\x1bP", b"\x9b", b"\x1b[31mred", b"\xe2\x80\xae"):
        assert sequence not in terminal.raw.replace(b"\xc2\x9b", b"")
    assert b"\xc2\x9b" not in terminal.raw


def test_without_the_server_the_envelope_is_shown(tui):
    terminal = tui(80, 24)
    terminal.wait("offline")
    terminal.send("G", "<Enter>")
    terminal.wait("Your receipt")
    terminal.wait("old@example.net")
    assert "offline" in terminal.text()
    terminal.send("k")
    terminal.wait("Subject  Chào bạn")


def test_small_screens(tui):
    for cols, rows in ((40, 12), (20, 5), (8, 3)):
        terminal = tui(cols, rows, online=True)
        terminal.wait("INBOX" if cols > 8 else "I")
        terminal.send("<Enter>")
        terminal.wait("line" if rows > 5 else "uka" if cols > 8 else "From")
        terminal.wait_for(lambda: (terminal.send("G"), terminal.settle(0.05), ("100" if cols > 8 else "text") in terminal.text())[2])
        terminal.send("q")
        terminal.settle()
        terminal.send("q")
        assert terminal.wait_exit() == 0


def test_low_screen_leaves_room_for_the_text(tui):
    """Names instead of addresses, and no more of the date than when; as soon as there is room, all of it."""
    terminal = tui(40, 12, online=True)
    terminal.wait("INBOX")
    terminal.send("<Enter>")
    terminal.wait("line 3 of a long text")
    assert "ago" not in terminal.text()
    terminal.resize(80, 24)
    terminal.wait(" ago")
    terminal.resize(80, 12)
    terminal.wait_gone(" ago")

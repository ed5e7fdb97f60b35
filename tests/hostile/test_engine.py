"""The engine against servers that do what none should."""
import threading
import time


def test_the_link_is_lost_by_a_task_within_a_sync(tern, own_imap):
    """A message asked for during a sync, and the server hangs up on it: the sync goes on over another."""
    server = own_imap()
    tern.write(server.account())
    tern.ok("sync")
    usual, is_selected, go_on = server.answers["EXAMINE"], threading.Event(), threading.Event()

    def examine(talk):
        is_selected.set()
        go_on.wait(20)
        usual(talk)

    def fetch(talk):
        if "BODY.PEEK[]" in talk.words:
            talk.close()
        server._fetch(talk)
    server.answers.update({"EXAMINE": examine, "UID FETCH": fetch})
    syncing = tern.start("sync", "--json")
    assert is_selected.wait(20)
    showing = tern.start("show", "1")
    time.sleep(2)  # for its request to reach the other process
    go_on.set()
    try:
        out, err = syncing.communicate(timeout=30)
        assert syncing.returncode == 0, (syncing.returncode, out, err)
    finally:
        for process in (syncing, showing):
            process.kill()
            process.communicate()
    assert any("BODY.PEEK[]" in line for line in server.heard)
    tern.check_sanitizers()

"""The lines at the bottom of the screen, the line that the cursor is on, and the sizes at which they are looked at."""
import re

SIZES = [(80, 24), (120, 40), (40, 12)]


MARK = re.compile(r" [●◐○!*%-] ")
MOST_LINES = 6  # more than an error ever takes


def status_row(terminal):
    """Where the connection's line is: the last but one, or higher above an error of several lines."""
    last = terminal.screen.lines - 2
    return next((n for n in range(last, last - MOST_LINES, -1) if MARK.match(terminal.row(n))), last)


def status(terminal):
    return terminal.row(status_row(terminal))


def bottom(terminal):
    """What stands below the connection's line, as one."""
    rows = (terminal.row(n).strip() for n in range(status_row(terminal) + 1, terminal.screen.lines))
    return " " + " ".join(filter(None, rows))


def wait_for_status(terminal, pattern, timeout=60):
    terminal.wait_for(lambda: re.match(pattern, status(terminal)), timeout, f"the state {pattern}")


def wait_for_bottom(terminal, pattern, timeout=60):
    terminal.wait_for(lambda: re.search(pattern, bottom(terminal)), timeout, f"the bottom line {pattern}")


def marked(terminal):
    """The text of the line that the cursor is on."""
    return [terminal.row(n) for n in terminal.reversed_rows()]


def step(terminal, key):
    """A key that moves the cursor: until it has."""
    before = marked(terminal)
    terminal.send(key)
    terminal.wait_for(lambda: marked(terminal) not in (before, []), what=f"another line by {key}")


def catch_up(terminal):
    """Until all that was typed so far is heard: a prompt opens after it, and is left."""
    terminal.send(":")
    terminal.wait_for(lambda: terminal.row(-1) == ":", what="the prompt")
    terminal.send("<C-g>")
    terminal.wait_for(lambda: terminal.row(-1) != ":", what="the prompt's end")

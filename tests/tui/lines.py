"""The two lines at the bottom of the screen, and the sizes at which they are looked at."""
import re

SIZES = [(80, 24), (120, 40), (40, 12)]


def status(terminal):
    """The connection's line: the last but one."""
    return terminal.row(terminal.screen.lines - 2)


def bottom(terminal):
    return terminal.row(terminal.screen.lines - 1)


def wait_for_status(terminal, pattern, timeout=20):
    terminal.wait_for(lambda: re.match(pattern, status(terminal)), timeout, f"the state {pattern}")


def wait_for_bottom(terminal, pattern, timeout=20):
    terminal.wait_for(lambda: re.search(pattern, bottom(terminal)), timeout, f"the bottom line {pattern}")

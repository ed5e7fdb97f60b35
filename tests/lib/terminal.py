"""A program in a pseudo-terminal, and its screen as text (pyte 0.8).

    t = Terminal(["tern", "--profile", p], cols=80, rows=24, env={…})    TERM=xterm-256color, LANG=C.UTF-8
    t.wait("Budget")            until the text (or compiled pattern) stands on the screen; TimeoutError shows the screen
    t.wait_gone("syncing")      until it stands there no more
    t.wait_for(lambda: …)       until it is true, drawing what arrives
    t.send("j", "<Enter>", "<C-p>", "<Up>", "<M-n>")       keys by name, or text
    t.settle()                  until the screen has rested for 60 ms
    t.text(), t.row(0), t.rows_with("●"), t.cursor         what is seen (row and column from 0); t.cell(row, col) has
                                fg, bg, bold, reverse, underscore …; t.reversed_rows() the rows with a reverse cell
    t.key_time("j")             seconds from the key to the first output that changes the screen, None if none comes
    t.resize(40, 12)            with SIGWINCH
    t.hangup()                  closes the terminal, as when its window is closed (SIGHUP, then errors on reading)
    t.wait_exit()               exit status, negative for a signal; TimeoutError when it lives on, and its threads' stacks
                                (stacks.py) in what the test has printed
    t.signal(signal.SIGTSTP), t.is_stopped(), t.rss_kb(), t.raw (every byte written), t.close()

It is a context manager that ends the program. The terminal's other side is read by a thread, so times are those of
the bytes' arrival. pyte does not know all that ncurses uses: repeated characters (REP), scrolling (SU, SD) and the alternate
screen are added here, and frames (synchronised output) are drawn whole, as far as the program marks them; dim is not seen; strings for graphics, titles and clipboards (OSC, DCS, APC) are kept from the screen and
stand in raw only.
"""
import codecs
import fcntl
import os
import pty
import queue
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from pathlib import Path

import pyte

from lib import stacks

NAMES = {
    "Enter": "\r", "Tab": "\t", "S-Tab": "\x1b[Z", "Esc": "\x1b", "Space": " ", "BS": "\x7f", "lt": "<",
    "Up": "\x1bOA", "Down": "\x1bOB", "Right": "\x1bOC", "Left": "\x1bOD", "Home": "\x1bOH", "End": "\x1bOF",
    "PgUp": "\x1b[5~", "PgDn": "\x1b[6~", "Del": "\x1b[3~", "Ins": "\x1b[2~", "F1": "\x1bOP", "F10": "\x1b[21~",
}
# What pyte would draw as text: strings up to their end, and CSI with private or intermediate bytes that it falls over.
STRING = re.compile(r"\x1b[P_^X\]][^\x1b\x07]*(?:\x07|\x1b\\)|\x1b[()*+][A-Za-z0-9]")
ODD_CSI = re.compile(r"\x1b\[(?:[<=>][0-9;:]*[ -/]*[@-~]|[0-9;:?]*[ -/]+[@-~]|\?[0-9;]*[^hl0-9;])|\x1b[=>]")
ALTERNATE = re.compile(r"(\x1b\[\?(?:1049|47|1047)[hl])")
FRAME_BEGIN, FRAME_END = "\x1b[?2026h", "\x1b[?2026l"
# Seconds, where nobody says how many: how long things take is no matter of tests, on a machine that is busy least of all.
PATIENCE = 40
UNFINISHED = re.compile(r"\x1b(?:\[[0-9;:<=>?]*[ -/]*|[P_^X\]][^\x1b\x07]*\x1b?)?\Z")


def key_bytes(key):
    """The bytes of `<Name>`, `<C-x>`, `<M-x>`, or of the text itself."""
    def one(match):
        name = match[1]
        if name in NAMES:
            return NAMES[name]
        if name[:2] == "C-" and len(name) == 3:
            return chr(ord(name[2].upper()) & 31)
        if name[:2] == "M-" and len(name) > 2:
            return "\x1b" + NAMES.get(name[2:], name[2:])
        raise ValueError(f"no key is called <{name}>")
    return re.sub(r"<([A-Za-z][^<>]*)>", one, key).encode()


class Stream(pyte.Stream):
    csi = {**pyte.Stream.csi, "b": "repeat", "S": "scroll_up", "T": "scroll_down"}
    events = pyte.Stream.events | {"repeat", "scroll_up", "scroll_down"}


class Screen(pyte.Screen):
    """pyte's screen, which also repeats a character, scrolls in place, and is empty when the alternate screen is entered."""

    def __init__(self, *size):
        super().__init__(*size)
        self.saved, self.last = None, " "

    def draw(self, data):
        self.last = data[-1:]
        super().draw(data)

    def repeat(self, count=1):
        super().draw(self.last * (count or 1))

    def scroll_up(self, count=1):
        self._scroll(self.index, -1, count)

    def scroll_down(self, count=1):
        self._scroll(self.reverse_index, 0, count)

    def _scroll(self, step, edge, count):
        """Within the margins, by moving over their edge; the cursor stays."""
        row, margins = self.cursor.y, self.margins or (0, self.lines - 1)
        self.cursor.y = margins[edge]
        for _ in range(count or 1):
            step()
        self.cursor.y = row

    def alternate(self, on):
        if on and self.saved is None:
            self.saved = {y: dict(line) for y, line in self.buffer.items()}
            self.erase_in_display(2)
        elif not on and self.saved is not None:
            self.erase_in_display(2)
            for y, line in self.saved.items():
                self.buffer[y].update(line)
            self.saved = None


class Terminal:
    def __init__(self, argv, cols=80, rows=24, env=None, cwd=None, stderr=None):
        self.screen = Screen(cols, rows)
        self.stream = Stream(self.screen)
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.raw, self.pending, self.chunks, self.master = bytearray(), "", queue.SimpleQueue(), None
        self.ended = False
        environment = {k: v for k, v in os.environ.items()
                       if k not in ("LINES", "COLUMNS", "NO_COLOR") and not k.startswith("LC_")}
        environment.update({"TERM": "xterm-256color", "LANG": "C.UTF-8", **(env or {})})
        environment = {k: v for k, v in environment.items() if v is not None}
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [str(a) for a in argv], stdin=slave, stdout=slave, stderr=stderr if stderr is not None else slave,
            env=environment, cwd=cwd, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.wake, self.waker = os.pipe()
        self.reader = threading.Thread(target=self._collect, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # --- what comes out ---

    def _collect(self):
        """The reader: it sleeps in select(), not in read(), which would keep a terminal open that is hung up."""
        while True:
            ready, _, _ = select.select([self.master, self.wake], [], [])
            if self.wake in ready:
                return
            try:
                data = os.read(self.master, 65536)
            except OSError:
                data = b""
            self.chunks.put((time.monotonic(), data))
            if not data:
                return

    def read(self, timeout=0.0):
        """Draws the next piece of output; the time when it came, or None. EOFError when nothing will come any more."""
        if self.ended:
            raise EOFError("the program has closed the terminal")
        try:
            came, data = self.chunks.get(timeout=timeout) if timeout > 0 else self.chunks.get_nowait()
        except queue.Empty:
            return None
        if not data:
            self.ended = True
            raise EOFError("the program has closed the terminal")
        self.raw += data
        self._answer(data)
        self._draw(self.decoder.decode(data))
        return came

    def _draw(self, text):
        text = self.pending + text
        if text.rfind(FRAME_BEGIN) > text.rfind(FRAME_END):  # as a terminal that knows frames: never half of one
            self.pending = text
            return
        cut = UNFINISHED.search(text)
        text, self.pending = (text[:cut.start()], cut[0]) if cut else (text, "")
        text = ODD_CSI.sub("", STRING.sub("", text))
        for piece in ALTERNATE.split(text):
            if ALTERNATE.match(piece):
                self.screen.alternate(piece.endswith("h"))
            elif piece:
                self.stream.feed(piece)

    def _answer(self, data):
        """What a terminal replies: the cursor's place, and what it is."""
        if b"\x1b[6n" in data:
            self._write(f"\x1b[{self.screen.cursor.y + 1};{self.screen.cursor.x + 1}R".encode())
        if b"\x1b[c" in data or b"\x1b[0c" in data:
            self._write(b"\x1b[?62;22c")

    def drain(self):
        """Draws what has come so far."""
        try:
            while self.read(0) is not None:
                pass
        except EOFError:
            pass

    def settle(self, rest=0.06, timeout=10):
        """Draws until nothing has come for `rest` seconds; False when it does not come to rest."""
        end = time.monotonic() + timeout
        try:
            while self.read(rest) is not None:
                if time.monotonic() > end:
                    return False
        except EOFError:
            pass
        return True

    # --- what is seen ---

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def row(self, n):
        """One line, without the spaces at its end; negative counts from below."""
        return self.screen.display[n].rstrip()

    def rows_with(self, text):
        return [n for n, line in enumerate(self.screen.display) if text in line]

    def cell(self, row, col):
        return self.screen.buffer[row % self.screen.lines][col]

    def reversed_rows(self):
        return [y for y in range(self.screen.lines)
                if any(self.screen.buffer[y][x].reverse for x in range(self.screen.columns))]

    @property
    def cursor(self):
        return self.screen.cursor.y, self.screen.cursor.x

    def look(self):
        """The whole screen with its attributes, to compare."""
        return [[self.screen.buffer[y][x] for x in range(self.screen.columns)] for y in range(self.screen.lines)]

    def wait_for(self, condition, timeout=PATIENCE, what="it"):
        """Seconds since the start of the program when it came true; what is seen then is a whole frame."""
        end, came = time.monotonic() + timeout, time.monotonic()
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"{what} did not come in {timeout} s; the screen is\n{self.text()}")
            try:
                came = self.read(0.02) or came
            except EOFError:
                if condition():
                    break
                raise EOFError(f"the program ended before {what} came; the screen was\n{self.text()}\n"
                               f"and the last it wrote {bytes(self.raw[-2000:])!r}") from None
        if FRAME_BEGIN.encode() not in self.raw:  # what is seen may be half a frame
            self.settle(0.05)
        return came - self.started

    def wait(self, wanted, timeout=PATIENCE):
        return self.wait_for(lambda: self._stands(wanted), timeout, repr(wanted))

    def wait_gone(self, unwanted, timeout=PATIENCE):
        return self.wait_for(lambda: not self._stands(unwanted), timeout, f"the end of {unwanted!r}")

    def _stands(self, wanted):
        return wanted in self.text() if isinstance(wanted, str) else bool(wanted.search(self.text()))

    # --- what goes in ---

    def _write(self, data):
        while data:
            data = data[os.write(self.master, data):]

    def send(self, *keys):
        for key in keys:
            self._write(key_bytes(key))

    def key_time(self, key, timeout=2):
        """Seconds from the key to the first output that changed the screen; None when none came."""
        self.drain()
        before, begin = self.look(), time.monotonic()
        self.send(key)
        while (left := begin + timeout - time.monotonic()) > 0:
            came = self.read(left)
            if came is not None and self.look() != before:
                return came - begin
        return None

    def resize(self, cols, rows):
        self.drain()
        self.screen.resize(rows, cols)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def signal(self, number):
        os.kill(self.process.pid, number)

    def hangup(self):
        """Closes the terminal for good."""
        if self.master is not None:
            self.drain()
            self._release()

    def _release(self):
        os.write(self.waker, b"x")
        self.reader.join()
        for fd in (self.master, self.wake, self.waker):
            os.close(fd)
        self.master, self.ended = None, True

    # --- the program ---

    def wait_exit(self, timeout=PATIENCE):
        end = time.monotonic() + timeout
        while self.process.poll() is None:
            if time.monotonic() > end:
                stacks.show(self.process, " ".join(map(str, self.process.args)))
                raise TimeoutError(f"still running after {timeout} s; the screen is\n{self.text()}")
            if self.ended:
                time.sleep(0.01)
                continue
            try:
                self.read(0.02)
            except EOFError:
                pass
        self.drain()
        return self.process.returncode

    def _status(self, field):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return line.split(":", 1)[1].strip()
        return ""

    def rss_kb(self, peak=False):
        return int(self._status("VmHWM" if peak else "VmRSS").split()[0])

    def is_stopped(self):
        return self._status("State").startswith("T")

    def close(self):
        if self.process.poll() is None:
            for number, patience in ((signal.SIGCONT, 0), (signal.SIGTERM, 20), (signal.SIGKILL, 20)):
                try:
                    self.process.send_signal(number)
                    if patience:
                        self.wait_exit(patience)
                        break
                except (TimeoutError, ProcessLookupError):
                    continue
        if self.master is not None:
            self._release()

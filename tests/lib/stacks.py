"""What the threads of a process that does not end are doing, for the report of the test that waited for it.

    text = stacks(pid)          gdb's backtraces of all threads; without gdb, or where it may not look (another one traces the
                                process, or no privilege), what the kernel says of each thread: name, state, the call
                                that it sleeps in. Never fails: in the worst case the text says why it knows nothing
    show(process, "tern sync")  printed, where pytest puts it beside the failure; further arguments: what it has written

The process goes on afterwards, as before. It has to be there still: look first, kill then.
"""
import shutil
import subprocess
from pathlib import Path

PATIENCE = 60  # seconds, for reading the symbols on a machine that is busy
GDB = ["gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off", "-ex", "set pagination off", "-ex", "set width 0",
       "-ex", "thread apply all backtrace 40"]


def stacks(pid):
    return from_gdb(pid) or from_proc(pid)


def show(process, what, *written):
    if process.poll() is None:
        print(f"{what} (process {process.pid}) has not ended; its threads:\n{stacks(process.pid)}")
    else:
        print(f"{what} (process {process.pid}) has ended, but its output has not: another one keeps it open, or it was not read yet")
    for text in written:
        print(f"so far it has written: {text[-2000:]!r}", flush=True)


def from_gdb(pid):
    """The backtraces, or "": there is no gdb, or it may not."""
    if not shutil.which("gdb"):
        return ""
    try:
        done = subprocess.run([*GDB, "-p", str(pid)], stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    text = done.stdout.decode(errors="replace")
    begin = text.find("\nThread ")
    return text[begin:].strip() if begin >= 0 else ""


def from_proc(pid):
    """For each thread its name, its state, and where in the kernel it sleeps, as far as that may be read."""
    try:
        threads = sorted(Path(f"/proc/{pid}/task").iterdir(), key=lambda thread: int(thread.name))
    except OSError as why:
        return f"nothing is known of them: {why}"
    return "\n".join(describe(thread) for thread in threads)


def describe(thread):
    said = [f"Thread {thread.name} ({read(thread / 'comm')})"]
    said += [f"  {name}: {text}" for name in ("wchan", "syscall", "stack") if (text := read(thread / name))]
    said[1:1] = ["  " + line.strip() for line in read(thread / "status").splitlines() if line.lstrip().startswith("State:")]
    return "\n".join(said)


def read(path):
    try:
        return path.read_text(errors="replace").strip().replace("\n", "\n    ")
    except OSError:  # it has ended meanwhile, or this is not for everybody to read
        return ""

"""What a disk holds after a power cut at any point of a program's run: its system calls, logged and replayed into a tree that
keeps only what was made durable, files and folders apart.

    log = Log.record(argv, folder, env)          runs it under strace; log.status, log.calls (Call)
    for n in log.points():                       the calls after which something may be another thing than before
        tree = log.replay(n)                     what the disk holds when the power goes before call n
        tree.write_to(other_folder)

What counts as durable is the least that POSIX promises: the bytes of a file as they were at its last fsync or fdatasync, the
names in a folder as they were at its last fsync; a name whose file was never synced is an empty file; a rename between two
folders may be seen in one of them only, or in both. `chance` (a random.Random) makes some of what was not synced survive all
the same, which disks do. What stood in the folder before the run is durable.

Only what lies below the folder is looked at. Needs strace (STRACE). SQLite's shared memory (-shm) is written by mmap, which is
not seen: it is rebuilt at each start, and left out here.
"""
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

STRACE = shutil.which("strace")
TRACED = ("openat,open,creat,write,pwrite64,writev,pwritev,ftruncate,truncate,rename,renameat,renameat2,unlink,unlinkat,rmdir,"
          "mkdir,mkdirat,link,linkat,fsync,fdatasync,fallocate,copy_file_range,sendto,sendmsg,chmod,fchmod")
# 12345 write(3</a/b>, "\x41\x42", 2) = 2
LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
BEGUN = re.compile(r"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (-?\d+)")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
FD = re.compile(r"^(?:AT_FDCWD|-?\d+)<((?:\\x[0-9a-f]{2}|[^>])*)>(\(deleted\))?")


def plain(hexed):
    return bytes.fromhex(hexed.replace("\\x", ""))


class Call(NamedTuple):
    name: str
    arguments: str
    result: int

    def texts(self):
        return [plain(match[1]) for match in TEXT.finditer(self.arguments)]

    def fd_path(self, argument=0):
        """The path that strace says of the descriptor in an argument, or None."""
        parts = split(self.arguments)
        match = FD.match(parts[argument]) if argument < len(parts) else None
        if not match or match[2]:
            return None
        path = plain(match[1]).decode() if match[1].startswith("\\x") else match[1]
        return None if path.endswith(" (deleted)") else path

    def says(self, text):
        """Whether it sends this to a server."""
        return self.name in ("sendto", "sendmsg", "write") and any(text in told for told in self.texts())


def split(arguments):
    """The arguments of a call; strings hold no commas, being hexadecimal."""
    return re.split(r", (?![^{\[]*[}\]])", arguments)


class Node:
    """A file or a folder: as it is, and as it is on the disk."""

    def __init__(self, is_folder):
        self.is_folder = is_folder
        self.now, self.kept = ({}, {}) if is_folder else (bytearray(), b"")

    def sync(self):
        self.kept = dict(self.now) if self.is_folder else bytes(self.now)


class Tree:
    def __init__(self, top):
        self.top, self.root = str(top), Node(True)

    # ---- as it is ----

    def read_from(self, folder):
        """Takes over what is there, as durable."""
        for path, folders, files in os.walk(folder):
            parent = self.find(self.top + path[len(str(folder)):])
            for name in folders:
                parent.now[name] = Node(True)
            for name in files:
                parent.now[name] = node = Node(False)
                node.now += (Path(path) / name).read_bytes() if (Path(path) / name).is_file() else b""
                node.sync()
            parent.sync()
        return self

    def parts(self, path):
        if path is None or not (path + "/").startswith(self.top + "/"):
            return None
        return [part for part in path[len(self.top):].split("/") if part and part != "."]

    def find(self, path):
        parts, node = self.parts(path), self.root
        for part in parts or []:
            node = node.now.get(part) if node and node.is_folder else None
        return node if parts is not None else None

    def parent(self, path):
        """The folder that a name is in, and the name; (None, None) where that is not looked at."""
        parts = self.parts(path)
        return (self.find("/".join([self.top, *parts[:-1]])), parts[-1]) if parts else (None, None)

    # ---- what calls do ----

    def do(self, call):
        if call.result >= 0:
            getattr(self, "do_" + call.name, lambda call: None)(call)

    def path(self, call, n_text, fd_argument=None):
        """The path in a call's text, which may be relative to a descriptor."""
        text = call.texts()[n_text].decode()
        if not text.startswith("/"):
            text = f"{call.fd_path(fd_argument) if fd_argument is not None else ''}/{text}"
        return os.path.normpath(text)

    def make(self, path, is_folder):
        folder, name = self.parent(path)
        if folder is not None and name not in folder.now:
            folder.now[name] = Node(is_folder)
        return folder.now[name] if folder is not None else None

    def do_openat(self, call):
        path = self.path(call, 0, 0)
        node = self.make(path, False) if "O_CREAT" in call.arguments else self.find(path)
        if node is not None and "O_TRUNC" in call.arguments and not node.is_folder:
            node.now.clear()

    def put(self, call, offset, data):
        node = self.find(call.fd_path())
        if node is None or node.is_folder:
            return
        at = len(node.now) if offset is None else offset
        if at > len(node.now):
            node.now += bytes(at - len(node.now))
        node.now[at:at + len(data)] = data

    def do_write(self, call):
        # Every file that is written by write(2) here is written at its end (logs, new files).
        self.put(call, None, call.texts()[0][:call.result])

    def do_pwrite64(self, call):
        self.put(call, int(split(call.arguments)[3]), call.texts()[0][:call.result])

    def do_ftruncate(self, call):
        node, size = self.find(call.fd_path()), int(split(call.arguments)[1])
        if node is not None:
            node.now = (node.now + bytes(max(size - len(node.now), 0)))[:size]

    def move(self, old, new):
        folder, name = self.parent(old)
        to, new_name = self.parent(new)
        if folder is not None and to is not None and name in folder.now:
            to.now[new_name] = folder.now.pop(name)

    def do_rename(self, call):
        self.move(self.path(call, 0), self.path(call, 1))

    def do_renameat(self, call):
        self.move(self.path(call, 0, 0), self.path(call, 1, 2))

    do_renameat2 = do_renameat

    def drop(self, path):
        folder, name = self.parent(path)
        if folder is not None:
            folder.now.pop(name, None)

    def do_unlink(self, call):
        self.drop(self.path(call, 0))

    do_rmdir = do_unlink

    def do_unlinkat(self, call):
        self.drop(self.path(call, 0, 0))

    def do_mkdir(self, call):
        self.make(self.path(call, 0), True)

    def do_mkdirat(self, call):
        self.make(self.path(call, 0, 0), True)

    def do_linkat(self, call):
        node, (to, name) = self.find(self.path(call, 0, 0)), self.parent(self.path(call, 1, 2))
        if node is not None and to is not None:
            to.now[name] = node

    def do_fsync(self, call):
        node = self.find(call.fd_path())
        if node is not None:
            node.sync()

    do_fdatasync = do_fsync

    def do_unseen(self, call):
        paths = [call.fd_path(), *(text.decode(errors="replace") for text in call.texts()[:2])]
        assert not any(path and self.parts(path) for path in paths), (
            f"powerloss.py does not know what {call.name} does: {call.arguments[:200]}")

    do_open = do_creat = do_writev = do_pwritev = do_truncate = do_link = do_fallocate = do_copy_file_range = do_unseen

    # ---- what is left of it ----

    def survive(self, node, chance):
        """The names in a folder, or the bytes of a file, after the cut."""
        if chance is None:
            return node.kept
        if not node.is_folder:
            return bytes(node.now) if chance.random() < 0.5 else node.kept
        names = dict(node.kept)
        for name in sorted(set(node.now) | set(node.kept)):
            if node.now.get(name) is not node.kept.get(name) and chance.random() < 0.5:
                names.pop(name, None)
                if name in node.now:
                    names[name] = node.now[name]
        return names

    def write_to(self, folder, chance=None):
        self._write(self.root, Path(folder), chance)

    def _write(self, node, path, chance):
        if not node.is_folder:
            path.write_bytes(self.survive(node, chance))
            path.chmod(0o600)
            return
        path.mkdir(mode=0o700, exist_ok=True)
        for name, child in self.survive(node, chance).items():
            if not name.endswith(("-shm", ".sock")):
                self._write(child, path / name, chance)


class Log:
    def __init__(self, calls, status, top, before):
        self.calls, self.status, self.top, self.before = calls, status, top, before

    @classmethod
    def record(cls, argv, folder, env, input=None, aside=None):
        """`aside`: where what was there before is kept."""
        before = Path(aside or f"{folder}.before")
        shutil.rmtree(before, ignore_errors=True)
        if Path(folder).is_dir():
            shutil.copytree(folder, before, ignore=shutil.ignore_patterns("*.sock"))
        else:
            before.mkdir()
        log = Path(f"{folder}.strace")
        done = subprocess.run([STRACE, "-f", "-qq", "-y", "-xx", "-s", "10000000", "-o", log, "-e", f"trace={TRACED}", *argv],
                              env=env, input=input, stdin=subprocess.DEVNULL if input is None else None, capture_output=True,
                              timeout=300)
        calls = list(cls.read(log))
        log.unlink()
        return cls(calls, done.returncode, os.path.realpath(folder), before)

    @staticmethod
    def read(log):
        """Calls in the order of their ends, which is when what they did counts."""
        begun = {}
        with open(log, encoding="ascii", errors="replace") as lines:
            for line in lines:
                if match := BEGUN.match(line):
                    begun[match[1]] = match[3]
                elif match := RESUMED.match(line):
                    yield Call(match[2], begun.pop(match[1], "") + match[3], int(match[4]))
                elif match := LINE.match(line):
                    yield Call(match[2], match[3], int(match[4]))

    def points(self):
        """After each call that made something durable, and after each that sent something."""
        return [n + 1 for n, call in enumerate(self.calls) if call.name in ("fsync", "fdatasync", "sendto", "sendmsg")]

    def said(self, text):
        """The first call that said this to a server, or None."""
        return next((n for n, call in enumerate(self.calls) if call.says(text)), None)

    def replay(self, n):
        tree = Tree(self.top).read_from(self.before)
        for call in self.calls[:n]:
            tree.do(call)
        return tree

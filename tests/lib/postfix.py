"""A private Postfix on loopback: the real thing to send to. Only root can run it.

    with Postfix(folder, packages) as postfix:       raises Unavailable, with the reason, where it cannot be had
        postfix.port                                 without TLS and login; takes mail for example.org, but
                                                     refuse@example.org (550) and later@example.org (450)
        postfix.received(n)                          n messages as they were delivered, in order of arrival
        postfix.log()

As cyrus.py does: apt-get download and dpkg -x into `packages`, nothing is installed, nothing is started but the process
group that __exit__ ends. What it delivers it gives to a user of the system that owns nothing (games).
"""
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from lib.cyrus import Unavailable, free_port, unpack

QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace", "public",
          "maildrop", "pid")

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = {root}/usr/lib/postfix/sbin
command_directory = {root}/usr/sbin
shlib_directory = {root}/usr/lib/postfix
meta_directory = {root}/etc/postfix
import_environment = MAIL_CONFIG TZ LANG=C LD_LIBRARY_PATH={root}/usr/lib/postfix
mail_owner = games
setgid_group = tty
myhostname = mail.example.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
maillog_file = {folder}/log
maillog_file_prefixes = /
virtual_mailbox_domains = example.org
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:1
virtual_gid_maps = static:1
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
message_size_limit = 60000000
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{refuse@example.org=550 5.1.1 no such user}},
    {{later@example.org=450 4.2.0 greylisted}} }}, permit_mynetworks, reject
"""

MASTER_CF = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

PACKAGES = ("postfix",)


class Postfix:
    def __init__(self, folder, packages):
        self.folder, self.root, self.port = Path(folder), Path(packages), free_port()

    def __enter__(self):
        if os.getuid() != 0:
            raise Unavailable("machine: Postfix is run by root only")
        unpack(self.root, PACKAGES)
        # Its processes, which are not root's, have to reach the programs and the mail.
        if not all(path.stat().st_mode & 0o001 for path in (self.root, *self.root.parents)):
            shutil.copytree(self.root, self.folder / "programs", symlinks=True)
            self.root = self.folder / "programs"
        self.folder.chmod(0o755)
        self.configure()
        self.out = open(self.folder / "out", "w")
        env = {**os.environ, "LD_LIBRARY_PATH": str(self.root / "usr/lib/postfix"), "MAIL_CONFIG": str(self.folder / "conf")}
        self.master = subprocess.Popen([self.root / "usr/lib/postfix/sbin/master", "-c", self.folder / "conf", "-d"], env=env,
                                       stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.out, start_new_session=True)
        self.wait_until_up()
        return self

    def configure(self):
        for name in ("conf", "data", "mail", *(f"queue/{queue}" for queue in QUEUES)):
            (self.folder / name).mkdir(parents=True)
        words = {"folder": self.folder, "root": self.root, "port": self.port}
        (self.folder / "conf/main.cf").write_text(MAIN_CF.format(**words))
        (self.folder / "conf/master.cf").write_text(MASTER_CF.format(**words))
        shutil.chown(self.folder / "mail", "daemon")
        shutil.chown(self.folder / "data", "games")
        for queue in QUEUES:
            if queue != "pid":
                shutil.chown(self.folder / "queue" / queue, "games", "tty" if queue in ("public", "maildrop") else None)

    def wait_until_up(self):
        end = time.monotonic() + 30
        while time.monotonic() < end and self.master.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=10) as probe:
                    probe.settimeout(10)
                    if probe.recv(100).startswith(b"220"):
                        return
            except OSError:
                time.sleep(0.1)
        self.__exit__()
        raise Unavailable("Postfix does not start: " + (self.folder / "out").read_text()[-500:] + self.log()[-500:])

    def received(self, count):
        """Waits until so many have been delivered."""
        end = time.monotonic() + 60
        while True:
            files = sorted((self.folder / "mail").glob("box/new/*"), key=lambda path: path.stat().st_mtime_ns)
            if len(files) >= count:
                return [path.read_bytes() for path in files]
            assert time.monotonic() < end, self.log()[-2000:]
            time.sleep(0.05)

    def log(self):
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def __exit__(self, *_):
        self.master.terminate()
        try:
            self.master.wait(timeout=20)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.master.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.out.close()

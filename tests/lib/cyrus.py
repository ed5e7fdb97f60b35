"""A private Cyrus server, IMAP and POP3: the one in Debian that offers SCRAM-*-PLUS.

    with Cyrus(folder) as cyrus:              raises Unavailable, with the reason, where it cannot be had
        cyrus.ports["imap"] (imaps, pop3, pop3s), cyrus.ca_file, cyrus.user, cyrus.password
        the user's INBOX is made at the first login
        cyrus.imap(), cyrus.empty()

Its packages conflict with Dovecot's, so they are not installed: apt-get download and dpkg -x into `cyrus` of the build
folder, once. Nothing of it is started but the one process group that __exit__ ends.
"""
import fcntl
import imaplib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

from lib.mailbox import listed

PACKAGES = ("cyrus-common", "cyrus-imapd", "cyrus-pop3d", "libxapian30", "libical3", "libpcre3", "libpq5", "libsasl2-modules",
            "sasl2-bin")

IMAPD_CONF = """\
configdirectory: {folder}/conf
defaultpartition: default
partition-default: {folder}/spool
proc_path: {folder}/proc
lmtpsocket: {folder}/socket/lmtp
idlesocket: {folder}/socket/idle
sievedir: {folder}/sieve
admins: cyrus
cyrus_user: {owner}
cyrus_group: {group}
servername: localhost
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/sasldb2
autocreate_quota: 100000
imapidlepoll: 1
sasl_mech_list: PLAIN SCRAM-SHA-256 SCRAM-SHA-1
tls_server_cert: {folder}/cert.pem
tls_server_key: {folder}/key.pem
"""

CYRUS_CONF = """\
START {{
}}
SERVICES {{
  imap cmd="{bin}/imapd -C {folder}/imapd.conf" listen="127.0.0.1:{imap}" prefork=0
  imaps cmd="{bin}/imapd -C {folder}/imapd.conf -s" listen="127.0.0.1:{imaps}" prefork=0
  pop3 cmd="{bin}/pop3d -C {folder}/imapd.conf" listen="127.0.0.1:{pop3}" prefork=0
  pop3s cmd="{bin}/pop3d -C {folder}/imapd.conf -s" listen="127.0.0.1:{pop3s}" prefork=0
}}
EVENTS {{
}}
"""


class Unavailable(Exception):
    pass


def unpack(root, packages):
    """The files of the packages under `root`; by one of those who come for them at the same time."""
    def is_complete():
        return complete.exists() and complete.read_text() == " ".join(packages)

    complete = root / "complete"
    if is_complete():
        return
    root.mkdir(parents=True, exist_ok=True)
    with open(root / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_complete():
            return
        try:
            got = subprocess.run(["apt-get", "download", "-q", *packages], cwd=root, capture_output=True, text=True, timeout=120)
        except (OSError, subprocess.TimeoutExpired) as why:
            raise Unavailable(f"machine: apt-get download: {why}") from why
        if got.returncode:
            raise Unavailable("machine: apt-get download: " + (got.stderr.strip().splitlines() or ["failed"])[-1])
        for package in root.glob("*.deb"):
            subprocess.run(["dpkg", "-x", package, root], check=True)
            package.unlink()
        complete.write_text(" ".join(packages))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cyrus:
    user, password = "ada", "pencil"

    def __init__(self, folder, packages):
        self.folder, self.packages = Path(folder), Path(packages)
        self.ports = {name: free_port() for name in ("imap", "imaps", "pop3", "pop3s")}
        self.ca_file = self.folder / "cert.pem"
        # Cyrus does not run as root.
        self.owner = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        self.master = None

    def __enter__(self):
        unpack(self.packages, PACKAGES)
        self.find_programs()
        missing = [line.split()[0] for line in subprocess.run(["ldd", self.bin / "imapd"], env=self.env, text=True,
                                                             capture_output=True).stdout.splitlines() if "not found" in line]
        if missing:
            raise Unavailable("Cyrus needs " + ", ".join(missing))
        self.configure()
        self.log = open(self.folder / "log", "w")
        self.master = subprocess.Popen([self.bin / "master", "-C", self.folder / "imapd.conf", "-M", self.folder / "cyrus.conf",
                                        "-p", self.folder / "master.pid"], env=self.env, stdin=subprocess.DEVNULL,
                                       stdout=self.log, stderr=self.log, start_new_session=True)
        self.wait_until_up()
        return self

    def find_programs(self):
        """Those that were unpacked; a copy where the server's user cannot reach them (a tree below /root)."""
        self.root = self.packages
        if self.owner == "nobody" and not all(path.stat().st_mode & 0o001 for path in (self.root, *self.root.parents)):
            self.root = self.folder / "programs"
            shutil.copytree(self.packages, self.root, symlinks=True)
        self.bin = self.root / "usr/lib/cyrus/bin"
        libraries = [self.root / folder / "x86_64-linux-gnu" for folder in ("usr/lib", "lib")]
        self.env = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
                    "SASL_PATH": f"{libraries[0]}/sasl2:/usr/lib/x86_64-linux-gnu/sasl2"}

    def configure(self):
        for name in ("conf", "spool", "proc", "socket", "sieve"):
            (self.folder / name).mkdir()
        group = "nogroup" if self.owner == "nobody" else subprocess.run(["id", "-gn"], text=True,
                                                                       capture_output=True).stdout.strip()
        words = {"folder": self.folder, "owner": self.owner, "group": group, "bin": self.bin, **self.ports}
        (self.folder / "imapd.conf").write_text(IMAPD_CONF.format(**words))
        (self.folder / "cyrus.conf").write_text(CYRUS_CONF.format(**words))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", self.folder / "key.pem", "-out", self.ca_file, "-days", "30", "-subj", "/CN=cyrus",
                        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
        subprocess.run([self.root / "usr/sbin/saslpasswd2", "-p", "-c", "-f", self.folder / "sasldb2", "-u", "localhost",
                        self.user], input=self.password.encode(), env=self.env, check=True)
        if self.owner == "nobody":
            self.give_to_nobody()

    def give_to_nobody(self):
        for path in (self.folder, *self.folder.rglob("*")):
            if path.exists() and not path.is_symlink():
                shutil.chown(path, "nobody", "nogroup")

    def wait_until_up(self):
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", self.ports["imap"]), timeout=5) as probe:
                    probe.settimeout(5)
                    if probe.recv(100).startswith(b"* OK"):
                        return
            except OSError:
                pass
            if self.master.poll() is not None:
                break
            time.sleep(0.1)
        self.stop()
        raise Unavailable("Cyrus does not start: " + (self.folder / "log").read_text()[-500:])

    def imap(self, _user=None):
        """imaplib, logged in; a context manager."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        client = imaplib.IMAP4_SSL("localhost", self.ports["imaps"], ssl_context=context, timeout=60)
        client.authenticate("PLAIN", lambda _: f"\0{self.user}\0{self.password}".encode())
        return client

    def empty(self):
        """As it was at the first login: the Inbox, with nothing in it."""
        with self.imap() as client:
            for raw in (raw for _, raw in reversed(listed(client)) if raw.upper() != "INBOX"):
                client.delete(f'"{raw}"')
            client.select("INBOX")
            client.store("1:*", "+FLAGS", "(\\Deleted)")
            client.expunge()

    def stop(self):
        if self.master:
            for signal_number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(self.master.pid, signal_number)
                    self.master.wait(timeout=5)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue
            self.log.close()
        self.master = None

    def __exit__(self, *_):
        self.stop()

#!/usr/bin/python3
"""A private mail server on loopback: Dovecot 2.3 (IMAP, POP3) and an SMTP sink, with an authority of their own.

    with MailServer() as server:                    everything lives in a new folder, removed at the end
        server.fill("ada", "INBOX", maildir)        adds a Maildir's messages (linked where that can be), indexed
        server.fill_many("ada", [(folder, maildir), …])   names as people write them, "Familie/Großeltern"
        server.deliver("ada", raw)                  one message arrives, noticed by IDLE and NOTIFY
        server.append("ada", "Sent", raw, flags=r"\\Seen", date=seconds)
        server.account("ada")                       `[account ada] …` as text for tern.conf; keys may be added
        server.ports["imaps"], server.ca_file, server.users["ada"], server.folder
        server.imap("ada")                          imaplib, logged in
        server.doveadm("expunge", "-u", …)          its output
        server.stop(); server.start()               ports, users and mail stay; options may be given anew to start()
        server.freeze(); server.thaw()              SIGSTOP and SIGCONT for all its processes
    server.twin()                               another, not started yet, with a copy of this one's mail (stopped) and the
                                                same authority; it knows its ports already
        server.sink.sent()                          what was sent over SMTP (smtpsink.py)
        server.log()                                Dovecot's log so far

Options (of MailServer and of start):
    users        {name: password}; by default ada and bob, with NAME-secret
    without      capabilities taken from what IMAP announces: ("QRESYNC", "MOVE"); the commands themselves still work
    capability   announces exactly this after login ("IMAP4rev1 IDLE")
    plugins      of zlib (COMPRESS), quota (QUOTA), acl (ACL), notify (NOTIFY); all by default
    auth         SASL mechanisms of IMAP and POP3
    cert         a kind of certs.py: good, expired, wrong-host, self-signed …
    plain_only   no TLS anywhere: ports imap, pop3, submission
    rawlog       keeps each dialogue under folder/rawlog
    roles        folders that are made, with their special use: "Sent", or "Gone=Trash"
    prefix       what stands before all of a person's folders ("INBOX."); its last character parts levels
    spaces       others' folders (users/NAME/…, Maildirs of the same users) and shared ones (shared/…), as far as one is
                 given rights: server.share("ada", "Team", "lrs"), share("ada", "Plans", "lr", of="bob")
    extra        more lines for dovecot.conf

Ports: imap, pop3, submission (plain, with STARTTLS), imaps, pop3s, smtps (TLS at once). IMAP and POP3 take a password
without TLS, so that a client which should not have sent it is caught. Runs as root (mail belongs to nobody then) or as
a normal user, any number side by side; when the process that started it dies, Dovecot ends too.

From a shell: mailserver.py [--dir D] [--fill USER:FOLDER=MAILDIR]… prints one JSON line and serves until it is told to
stop (SIGTERM, SIGINT) or its standard input ends.
"""
import argparse
import base64
import ctypes
import grp
import imaplib
import json
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib.certs import Authority  # noqa: E402
from lib.smtpsink import SmtpSink  # noqa: E402

ROLES = ("Drafts", "Sent", "Trash", "Junk", "Archive")
ACL_WORDS = {"l": "lookup", "r": "read", "w": "write", "s": "write-seen", "t": "write-deleted", "i": "insert", "p": "post",
             "e": "expunge", "k": "create", "x": "delete", "a": "admin"}
PLUGINS = ("zlib", "quota", "acl", "notify")
DEFAULTS = {"without": (), "capability": "", "plugins": PLUGINS, "cert": "good", "plain_only": False, "rawlog": False,
            "auth": "plain login scram-sha-1 scram-sha-256", "extra": "", "roles": ROLES, "prefix": "", "spaces": False}
# Where Debian has it, /usr/sbin, is in the PATH of root only.
DOVECOT = shutil.which("dovecot", path=os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin") or "dovecot"
PATH_LIMIT = 70  # Dovecot's Unix sockets have to fit 108 bytes
PR_SET_PDEATHSIG = 1


def closed_to_nobody(folder):
    """The first folder on the way that the mail user could not pass, when running as root; or None."""
    if os.geteuid() != 0:
        return None
    return next((p for p in (folder, *folder.parents) if p.exists() and not p.stat().st_mode & 0o001), None)


def make_folder(parent=None):
    """A new folder with a short path that Dovecot can use: in `parent` where that can be, else in the temporary one."""
    for place in [Path(parent).resolve()] if parent else []:
        if len(str(place)) + 12 <= PATH_LIMIT and " " not in str(place) and not closed_to_nobody(place):
            return Path(tempfile.mkdtemp(prefix="mail-", dir=place))
    place = Path(os.environ.get("TMPDIR", "/tmp"))
    if len(str(place)) + 12 > PATH_LIMIT or closed_to_nobody(place):
        place = Path("/tmp")
    return Path(tempfile.mkdtemp(prefix="tern-mail-", dir=place))


def mail_owner():
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def give_to_owner(path):
    if os.geteuid() != 0:
        return
    owner = mail_owner()
    for base, _, names in os.walk(path):
        for name in [base, *(os.path.join(base, n) for n in names)]:
            os.chown(name, owner.pw_uid, owner.pw_gid)


def imap_name(folder):
    """A folder's name in modified UTF-7 (RFC 3501, 5.1.3)."""
    def encode(match):
        text = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        return f"&{text}-"
    return re.sub(r"[^ -~]+", encode, folder.replace("&", "&-"))


def wait_until(condition, seconds):
    """Whether the condition came true in that time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def free_port(taken):
    """A port that nobody listens on, below the range from which outgoing connections take theirs."""
    for _ in range(1000):
        port = random.randrange(10000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in taken:
            return port
    raise RuntimeError("no free port on 127.0.0.1")


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class MailServer:
    def __init__(self, parent=None, users=None, **options):
        self.parent, self.users = parent, users or {"ada": "ada-secret", "bob": "bob-secret"}
        self.original = self.authority = self.ca_file = None
        self.options = {**DEFAULTS, **options}
        self.folder = self.process = self.sink = None
        self.ports = {}

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    # --- life ---

    def start(self, **options):
        """Starts it, or starts it again with other options; returns when every port answers."""
        unknown = set(options) | set(self.options) - set(DEFAULTS)
        if unknown - set(DEFAULTS):
            raise TypeError(f"no such option: {', '.join(unknown - set(DEFAULTS))}")
        self.options.update(options)
        try:
            if self.folder is None:
                before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
                try:  # no signal between making it and knowing it
                    self.folder = make_folder(self.parent)
                finally:
                    signal.pthread_sigmask(signal.SIG_SETMASK, before)
                os.chmod(self.folder, 0o711)
                for sub in ("run", "state", "mail", "rawlog"):
                    (self.folder / sub).mkdir()
                give_to_owner(self.folder / "rawlog")
                if self.original:
                    shutil.copytree(self.original / "mail", self.folder / "mail", dirs_exist_ok=True)
                    give_to_owner(self.folder / "mail")
                else:
                    self.authority = Authority(self.folder / "tls")
                    self.ca_file = self.authority.ca_file
            self._write_users()
            self._start_dovecot()
            self._start_sink()
        except BaseException:  # also a signal's: what was begun is taken away
            self.close()
            raise
        return self

    def twin(self):
        other = MailServer(self.parent, self.users, **self.options)
        other.original, other.authority, other.ca_file = self.folder, self.authority, self.ca_file
        for name in self.ports:
            other.ports[name] = free_port({*self.ports.values(), *other.ports.values()})
        return other

    def stop(self):
        """Ends the processes and waits for them; mail stays."""
        if self.sink:
            self.sink.__exit__()
            self.sink = None
        if self.process:
            self._end_dovecot()

    def close(self):
        """Ends it and removes everything."""
        self.stop()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def _end_dovecot(self):
        """All its processes at once: the master alone, told to stop, waits some seconds for idle children."""
        self.thaw()
        self._signal_all(signal.SIGTERM)
        try:
            self.process.wait(0.7)
        except subprocess.TimeoutExpired:
            self._signal_all(signal.SIGKILL)
            self.process.wait()
        self.process = None

    def pids(self):
        """Dovecot's processes, the master first."""
        children = {}
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                try:
                    stat = Path(entry.path, "stat").read_text().rsplit(")", 1)[1].split()
                except OSError:
                    continue
                children.setdefault(int(stat[1]), []).append(int(entry.name))
        found = [self.process.pid]
        for pid in found:
            found += children.get(pid, [])
        return found

    def _signal_all(self, number):
        for pid in self.pids() if self.process else []:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def freeze(self):
        """Nothing answers any more, and nothing is closed."""
        self._signal_all(signal.SIGSTOP)
        self._signal_all(signal.SIGSTOP)  # what the master started while the first were being stopped

    def thaw(self):
        self._signal_all(signal.SIGCONT)

    # --- mail ---

    def doveadm(self, *words, data=None):
        done = subprocess.run(["doveadm", "-c", str(self.folder / "dovecot.conf"), *words], input=data,
                              capture_output=True)
        if done.returncode:
            raise RuntimeError(f"doveadm {' '.join(words)}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout.decode().strip()

    def create(self, user, *folders):
        """Makes folders that are not there yet, and subscribes to them."""
        with self.imap(user) as client:
            for folder in folders:
                name = f'"{imap_name(folder)}"'
                status, answer = client.create(name) if folder.upper() != "INBOX" else ("OK", [b""])
                if status != "OK" and b"ALREADYEXISTS" not in answer[0]:
                    raise RuntimeError(f"CREATE {folder}: {answer[0].decode()}")
                client.subscribe(name)

    def create_many(self, user, folders):
        """Empty ones, on the disk, for thousands; nobody is told or subscribed."""
        for folder in folders:
            for sub in ("cur", "new", "tmp"):
                (self.folder / "mail" / user / "folders" / imap_name(folder) / sub).mkdir(parents=True)
        give_to_owner(self.folder / "mail" / user / "folders")

    def fill(self, user, folder, maildir):
        """Adds a Maildir's messages to a folder, which is made if need be."""
        self.fill_many(user, [(folder, maildir)])

    def fill_many(self, user, pairs):
        """The same for [(folder, maildir), …], indexed once at the end."""
        self.create(user, *(folder for folder, _ in pairs))
        for folder, maildir in pairs:
            home = self.folder / "mail" / user
            target = home / "inbox" if folder.upper() == "INBOX" else home / "folders" / imap_name(folder)
            for sub in ("cur", "new"):
                for entry in os.scandir(Path(maildir) / sub):
                    try:
                        os.link(entry.path, target / sub / entry.name)
                    except FileExistsError:
                        pass
                    except OSError:
                        shutil.copy2(entry.path, target / sub / entry.name)
            give_to_owner(target)
        self.doveadm("index", "-u", user, pairs[0][0] if len(pairs) == 1 else "*")

    def share(self, user, folder, letters, of=None):
        """Gives a user rights (RFC 4314: "lrs") in a shared folder, which is made if need be, or in a folder `of` another;
        with the option `spaces`. "" takes them away."""
        if of:
            self.doveadm("acl", "set" if letters else "delete", "-u", of, folder, f"user={user}",
                         *(ACL_WORDS[letter] for letter in letters))
            return
        home = self.folder / "mail" / "shared" / "folders" / imap_name(folder)
        for sub in ("cur", "new", "tmp"):
            (home / sub).mkdir(parents=True, exist_ok=True)
        (home / "dovecot-acl").write_text(f"user={user} {letters}\n")
        give_to_owner(self.folder / "mail" / "shared")

    def deliver(self, user, raw, folder="INBOX"):
        """One message arrives, as by a delivery agent: unread, now, and announced."""
        self.doveadm("save", "-u", user, "-m", folder, data=raw.replace(b"\r\n", b"\n"))

    def append(self, user, folder, raw, flags="", date=None):
        """The same with flags and date of arrival."""
        with self.imap(user) as client:
            stamp = imaplib.Time2Internaldate(date if date is not None else time.time())
            status, answer = client.append(f'"{imap_name(folder)}"', flags, stamp, raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            if status != "OK":
                raise RuntimeError(f"APPEND: {answer}")

    def imap(self, user):
        """imaplib without TLS, logged in; a context manager."""
        client = imaplib.IMAP4("127.0.0.1", self.ports["imap"], timeout=60)
        client.login(user, self.users[user])
        return client

    def log(self):
        path = self.folder / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # --- for the client ---

    def url(self, user, scheme):
        port = {"imap+starttls": "imap", "pop3+starttls": "pop3", "smtp+starttls": "submission", "smtp": "submission"}
        return f"{scheme}://{user}@localhost:{self.ports[port.get(scheme, scheme)]}"

    def account(self, user="ada", section=None, incoming=None, outgoing=None, **keys):
        """A section of tern.conf; key_name=value adds a line, None leaves one out."""
        plain = self.options["plain_only"]
        rows = {
            "name": {"ada": "Ada Lovelace"}.get(user, user.title()), "address": f"{user}@example.org",
            "incoming": self.url(user, incoming or ("imap" if plain else "imaps")),
            "outgoing": self.url(user, outgoing or ("smtp" if plain else "smtps")),
            "password": self.users[user], "ca-file": None if plain else str(self.ca_file),
            **{key.replace("_", "-"): value for key, value in keys.items()}}
        lines = [f"{key} = {value}" for key, value in rows.items() if value is not None]
        return f"[account {section or user}]\n" + "\n".join(lines) + "\n\n"

    # --- how it is started ---

    def _write_users(self):
        path = self.folder / "passwd"
        path.write_text("".join(f"{name}:{{PLAIN}}{password}\n" for name, password in self.users.items()))
        os.chmod(path, 0o644)
        for user in self.users:
            home = self.folder / "mail" / user
            if not home.exists():
                for sub in ("inbox/cur", "inbox/new", "inbox/tmp", "folders"):
                    (home / sub).mkdir(parents=True)
                give_to_owner(home)

    def _start_dovecot(self):
        for attempt in range(5):
            names = ("imap", "pop3") if self.options["plain_only"] else ("imap", "pop3", "imaps", "pop3s")
            for name in names:
                if name not in self.ports or attempt:
                    self.ports[name] = free_port(self.ports.values())
            self.ports = {n: p for n, p in self.ports.items() if n in names or n in ("submission", "smtps")}
            if self._run_dovecot(self.options["capability"], names):
                break
            if "Address already in use" not in self.log():
                raise RuntimeError(f"Dovecot does not start:\n{self.log()}")
        else:
            raise RuntimeError("Dovecot finds its ports taken")
        if self.options["without"]:
            self._take_away(names)

    def _take_away(self, names):
        """Starts again, announcing what it has but for some."""
        with self.imap(next(iter(self.users))) as client:
            announced = client.capability()[1][0].decode().split()
        gone = {c.upper() for c in self.options["without"]}
        if gone - set(announced):
            raise ValueError(f"this Dovecot has no {', '.join(sorted(gone - set(announced)))} to take away")
        self._end_dovecot()
        if not self._run_dovecot(" ".join(c for c in announced if c not in gone), names):
            raise RuntimeError(f"Dovecot does not start again:\n{self.log()}")

    def _run_dovecot(self, capability, names):
        (self.folder / "dovecot.conf").write_text(self._configuration(capability))
        with open(self.folder / "dovecot.log", "ab") as log:
            self.process = subprocess.Popen(
                [DOVECOT, "-F", "-c", str(self.folder / "dovecot.conf")], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True, preexec_fn=die_with_parent)
        up = wait_until(lambda: self.process.poll() is not None or all(answers(self.ports[n]) for n in names), 20)
        return up and self.process.poll() is None

    def _start_sink(self):
        context = None if self.options["plain_only"] else self.authority.server_context(self.options["cert"])
        self.sink = SmtpSink(self.folder / "sent", self.users, context, self.deliver,
                             {n: self.ports.get(n, 0) for n in ("submission", "smtps")})
        self.sink.__enter__()
        for name in ("submission", "smtps"):
            self.ports.pop(name, None)
        self.ports.update(self.sink.ports)

    def _configuration(self, capability):
        """dovecot.conf as a whole; nothing of the system's Dovecot is read."""
        o, d, owner = self.options, self.folder, mail_owner()
        me = pwd.getpwuid(os.geteuid())
        plugins = [p for p in PLUGINS if p in o["plugins"]]
        if o["plain_only"]:
            tls = "ssl = no"
        else:
            cert, key = self.authority.issue(o["cert"])
            tls = f"ssl = yes\nssl_cert = <{cert}\nssl_key = <{key}\nssl_min_protocol = TLSv1.2"
            if o["cert"] == "weak":
                tls += "\nssl_cipher_list = DEFAULT@SECLEVEL=0"
        identity = "" if os.geteuid() == 0 else (
            f"default_internal_user = {me.pw_name}\ndefault_login_user = {me.pw_name}\n"
            f"default_internal_group = {grp.getgrgid(me.pw_gid).gr_name}\n")
        services = "".join(f"service {name} {{\n  chroot =\n}}\n" for name in ("imap-login", "pop3-login", "anvil"))
        for login in ("imap", "pop3"):
            services += (f"service {login}-login {{\n  inet_listener {login} {{\n    port = {self.ports[login]}\n  }}\n"
                         f"  inet_listener {login}s {{\n    port = {self.ports.get(login + 's', 0)}\n    ssl = yes\n  }}\n}}\n")
        boxes = "".join(f"  mailbox {n} {{\n    auto = subscribe\n    special_use = \\{use or n}\n  }}\n"
                        for n, _, use in (role.partition("=") for role in o["roles"]))
        rawlog = f"  rawlog_dir = {d}/rawlog\n" if o["rawlog"] else ""
        imap_plugins = " ".join("imap_" + p for p in plugins if p != "notify")
        separator = o["prefix"][-1:] or "/"
        spaces = f"""namespace users {{
  type = shared
  separator = {separator}
  prefix = users{separator}%%u{separator}
  location = maildir:{d}/mail/%%u/folders:LAYOUT=fs:INBOX={d}/mail/%%u/inbox
  subscriptions = no
  list = children
}}
namespace shared {{
  type = public
  separator = {separator}
  prefix = shared{separator}
  location = maildir:{d}/mail/shared/folders:LAYOUT=fs
  subscriptions = no
  list = children
}}
plugin {{
  acl_shared_dict = file:{d}/mail/shared/users
}}"""
        return f"""base_dir = {d}/run
state_dir = {d}/state
log_path = /dev/stderr
instance_name = {d.name}
protocols = imap pop3
listen = 127.0.0.1
shutdown_clients = yes
{identity}{services}first_valid_uid = 1
mail_location = maildir:{d}/mail/%u/folders:LAYOUT=fs:INBOX={d}/mail/%u/inbox
mailbox_list_index = {'yes' if 'notify' in plugins else 'no'}
mail_fsync = never
{tls}
disable_plaintext_auth = no
auth_mechanisms = {o['auth']}
auth_failure_delay = 0
mail_max_userip_connections = 200
{'imap_capability = ' + capability if capability else ''}
mail_plugins = {' '.join(plugins)}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {d}/passwd
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={d}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {o['prefix']}
{boxes}}}
{spaces if o['spaces'] else ''}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage=10G
  acl = vfile
}}
protocol imap {{
  mail_plugins = $mail_plugins {imap_plugins}
  imap_idle_notify_interval = 2 mins
{rawlog}}}
protocol pop3 {{
{rawlog}  pop3_uidl_format = %08Xu%08Xv
}}
{o['extra']}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dir", help="where its folder shall be made")
    parser.add_argument("--fill", action="append", default=[], metavar="USER:FOLDER=MAILDIR")
    for name, default in DEFAULTS.items():
        if isinstance(default, bool):
            parser.add_argument("--" + name.replace("_", "-"), action="store_true")
        elif isinstance(default, tuple):
            parser.add_argument("--" + name, type=lambda text: tuple(text.split(",")), default=default)
        else:
            parser.add_argument("--" + name, default=default)
    args = parser.parse_args()
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: done.set())
    with MailServer(args.dir, **{name: getattr(args, name) for name in DEFAULTS}) as server:
        for item in args.fill:
            place, maildir = item.split("=", 1)
            server.fill(*place.split(":", 1), maildir)
        print(json.dumps({"folder": str(server.folder), "ports": server.ports, "ca_file": str(server.ca_file),
                          "users": server.users}), flush=True)

        def wait_for_end_of_input():
            while os.read(0, 4096):
                pass
            done.set()
        threading.Thread(target=wait_for_end_of_input, daemon=True).start()
        done.wait()


if __name__ == "__main__":
    main()

"""A link that goes silent on its way, in two networks of their own (veth): nobody closes anything, and no proxy's kernel
answers keep-alives. `make torture` only: it takes minutes, and needs root."""
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lib.cutter import Cutter  # noqa: E402
from lib.mailbox import Mailbox  # noqa: E402
from lib.mailserver import MailServer, wait_until  # noqa: E402
from lib.program import Tern  # noqa: E402
from lib.torture import LONG  # noqa: E402

HERE, THERE = "192.0.2.1", "192.0.2.2"  # the client's network, the server's
MAIL = "From: a@b.c\r\nSubject: {0}\r\nMessage-ID: <{0}@half>\r\n\r\ntext\r\n"


class Networks:
    """This process is in the server's network, with lo and v0; the client's is that of a process that sleeps."""

    def __enter__(self):
        self.run("ip link set lo up")
        self.client = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
        own = os.readlink("/proc/self/ns/net")
        assert wait_until(lambda: os.readlink(f"/proc/{self.client.pid}/ns/net") != own, 10)
        self.run(f"ip link add v0 type veth peer name v1 netns {self.client.pid}")
        self.run(f"ip address add {THERE}/24 dev v0")
        self.run("ip link set v0 up")
        for command in ("ip link set lo up", f"ip address add {HERE}/24 dev v1", "ip link set v1 up"):
            self.run(f"nsenter -t {self.client.pid} -n {command}")
        return self

    def __exit__(self, *_):
        self.client.kill()
        self.client.wait()

    @staticmethod
    def run(command):
        subprocess.run(command.split(), check=True)

    def silence(self):
        """What goes to the client is lost."""
        self.run(f"ip route add blackhole {HERE}/32")

    def heal(self):
        self.run(f"ip route del blackhole {HERE}/32")


def scene(profile, is_forgotten):
    """is_forgotten: the other end has forgotten the connections when the link comes back."""
    tern = Tern(profile)
    with Networks() as networks, MailServer(roles=("Trash",)) as server, \
            Cutter(server.ports["imap"], door=THERE) as relay:
        for number in range(5):
            server.append("ada", "INBOX", MAIL.format(f"m{number}").encode())
        tern.write(server.account("ada", incoming="imap", insecure="yes", compress="no").replace(
            f"localhost:{server.ports['imap']}", f"{THERE}:{relay.port}"))
        box = Mailbox(server, tern)
        watch = subprocess.Popen(["nsenter", "-t", str(networks.client.pid), "-n", *tern.argv("watch")],
                                 env=tern.environment(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            for line in watch.stderr:
                if line.strip().endswith(b": live"):
                    break
            assert wait_until(lambda: box.in_store() == box.on_server(), 30)
            networks.silence()
            began = time.monotonic()
            tern.ok("--offline", "flag", box.ids()[0])
            server.append("ada", "INBOX", MAIL.format("meanwhile").encode())
            if is_forgotten:
                relay.drop()
                time.sleep(3)
            else:
                time.sleep(40)
            networks.heal()
            healed = time.monotonic()
            agreed = wait_until(lambda: box.journal() == [] and box.in_store() == box.on_server(), 90)
            print(f"silent for {healed - began:.0f} s; both agree {time.monotonic() - healed:.1f} s after its return", flush=True)
            box.agree()
            assert agreed and len(box.ids()) == 6 and time.monotonic() - healed < 45
        finally:
            watch.terminate()
            watch.wait(20)


if LONG:
    @pytest.mark.torture
    @pytest.mark.skipif(os.geteuid() != 0, reason="machine: no root, who may make networks")
    @pytest.mark.parametrize("is_forgotten", [False, True], ids=["long", "forgotten"])
    def test_a_link_that_is_silent(profile, is_forgotten):
        done = subprocess.run(["unshare", "-n", sys.executable, __file__, str(profile), str(int(is_forgotten))])
        assert done.returncode == 0


if __name__ == "__main__":
    scene(sys.argv[1], sys.argv[2] == "1")

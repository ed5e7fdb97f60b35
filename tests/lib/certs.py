"""Certificates for tests: an authority of one's own and server certificates, right ones and wrong ones.

    ca = Authority(folder)              folder/ca.pem is what a client is told to trust
    cert, key = ca.issue_for_client("ada")      a person's
    cert, key = ca.issue("good")        paths; kinds: good, expired, not-yet, wrong-host, self-signed, wrong-purpose, weak

good: localhost, *.example.test, 127.0.0.1 and ::1. self-signed: not by the authority. wrong-purpose: for clients only.
weak: RSA with 1024 bits. fingerprint(cert) is the SHA-256 of the certificate, spki(cert) that of its public key, in hex.
"""
import hashlib
import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple


class Kind(NamedTuple):
    names: str = "DNS:localhost,DNS:*.example.test,IP:127.0.0.1,IP:::1"
    begin: str = "20200101000000Z"
    end: str = "20491231000000Z"
    purpose: str = "serverAuth"
    self_signed: bool = False
    key: tuple = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


KINDS = {
    "good": Kind(),
    "expired": Kind(end="20200201000000Z"),
    "not-yet": Kind(begin="20480101000000Z"),
    "wrong-host": Kind(names="DNS:mail.elsewhere.example"),
    "self-signed": Kind(self_signed=True),
    "wrong-purpose": Kind(purpose="clientAuth"),
    "weak": Kind(key=("-newkey", "rsa:1024")),
}

# Made of `openssl ca`, since `openssl x509` of 3.0 cannot set both dates.
CONFIGURATION = """[ca]
default_ca = test
[test]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
unique_subject = no
policy = policy
[policy]
commonName = supplied
"""


class Authority:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.ca_file = self.folder / "ca.pem"
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.ca_file.exists():
            return
        self._openssl("req", "-x509", *KINDS["good"].key, "-nodes", "-days", "3650", "-keyout", "ca.key",
                      "-out", "ca.pem", "-subj", "/CN=tern tests authority")
        (self.folder / "ca.conf").write_text(CONFIGURATION)
        (self.folder / "index").touch()
        (self.folder / "serial").write_text("01\n")

    def _openssl(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"openssl {words[0]}: {done.stderr.strip()[-400:]}")

    def issue(self, name="good"):
        """(certificate, key) of a kind, made at the first call."""
        kind = KINDS[name]
        cert, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        if cert.exists():
            return cert, key
        subject = kind.names.split(",")[0].split(":", 1)[1]
        self._openssl("req", *kind.key, "-nodes", "-keyout", key.name, "-out", f"{name}.csr", "-subj", f"/CN={subject}")
        (self.folder / f"{name}.ext").write_text(
            f"subjectAltName = {kind.names}\nextendedKeyUsage = {kind.purpose}\n")
        signer = ["-selfsign", "-keyfile", key.name] if kind.self_signed else ["-cert", "ca.pem", "-keyfile", "ca.key"]
        self._openssl("ca", "-batch", "-notext", "-config", "ca.conf", *signer, "-in", f"{name}.csr",
                      "-out", cert.name, "-startdate", kind.begin, "-enddate", kind.end, "-extfile", f"{name}.ext")
        return cert, key

    def issue_for_client(self, name):
        """(certificate, key) that says who somebody is."""
        cert, key = self.folder / f"client-{name}.pem", self.folder / f"client-{name}.key"
        if not cert.exists():
            self._openssl("req", *KINDS["good"].key, "-nodes", "-keyout", key.name, "-out", f"{name}.csr", "-subj", f"/CN={name}")
            (self.folder / f"{name}.ext").write_text("extendedKeyUsage = clientAuth\n")
            self._openssl("ca", "-batch", "-notext", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in",
                          f"{name}.csr", "-out", cert.name, "-startdate", KINDS["good"].begin, "-enddate",
                          KINDS["good"].end, "-extfile", f"{name}.ext")
        return cert, key

    def server_context(self, name="good"):
        """An ssl.SSLContext that shows the certificate of this kind."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if name == "weak":
            context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.load_cert_chain(*self.issue(name))
        return context


def fingerprint(cert):
    """SHA-256 of the certificate, in hex."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(Path(cert).read_text())).hexdigest()


def spki(cert):
    """SHA-256 of the certificate's public key (SubjectPublicKeyInfo), in hex."""
    pem = subprocess.run(["openssl", "x509", "-in", str(cert), "-noout", "-pubkey"], check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=pem, check=True, capture_output=True)
    return hashlib.sha256(der.stdout).hexdigest()

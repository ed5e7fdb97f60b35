"""A session of tern's, IMAP or POP3, told call by call what to do (imap-talk.c, pop3-talk.c), for tests of the protocol against
real servers.

    with Talk(program, port, ca_file) as talk:      by TLS; greeted
        talk.ok("login-safely", "ada", "secret")    the lines that came of it; fails when the call fails
        talk("select", "gone")                      the lines, "ok" or "error KIND CODE: sentence" last
        talk.bytes()                                over the wire so far, both ways
"""
import subprocess


class Talk:
    def __init__(self, program, port, ca_file, security="tls"):
        self.process = subprocess.Popen([program, security, "localhost", str(port), str(ca_file)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self):
        self.ok("greet")
        return self

    def __exit__(self, kind, *_):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        said = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        assert kind or "Sanitizer" not in said, said

    def say(self, *words):
        """Without waiting for what comes of it: results() does."""
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()

    def results(self):
        lines = []
        while not lines or not (lines[-1] == "ok" or lines[-1].startswith("error ")):
            line = self.process.stdout.readline()
            assert line, (lines, self.process.stderr.read())
            lines.append(line.rstrip("\n"))
        return lines

    def __call__(self, *words):
        self.say(*words)
        return self.results()

    def ok(self, *words):
        lines = self(*words)
        assert lines[-1] == "ok", (words, lines)
        return lines[:-1]

    def bytes(self):
        return int(self.ok("bytes")[0])

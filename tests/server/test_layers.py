"""layers.sh tells each include that points up, with its line, and nothing else."""
import subprocess

import pytest

from lib.program import TOP

OFFENCES = [
    ("src/store/a.c", '#include "engine/engine.h"', "store/ may not include engine/engine.h"),
    ("src/base/a.h", '#  include  "config/config.h"', "base/ may not include config/config.h"),
    ("src/imap/a.c", '#include "store/store.h"', "imap/ may not include store/store.h"),
    ("src/render/a.c", '#include "store/store.h"', "render/ may not include store/store.h"),
    ("ui/a.c", '#include "engine/worker.h"', "ui/ may not include engine/worker.h"),
    ("ui/a.c", '#include "imap/session.h"', "ui/ may not include imap/session.h"),
    ("src/cli/a.c", '#include "ui/view.h"', "cli/ may not include ui/view.h"),
    ("src/net/a.c", '#include "../store/store.h"', "relative path"),
    ("src/net/a.c", '#include "stream.h"', "without its folder"),
    ("src/new/a.c", "int x;", "not in the table"),
    ("src/engine/a.c", "#include <sqlite3.h>", "may not know <sqlite3.h>"),
    ("src/store/a.c", '    printf("%d", 1);', "prints"),
    ("src/engine/a.c", '    fprintf(stderr, "x");', "prints"),
]
ALLOWED = [
    ("src/store/a.c", '#include "query/query.h"'), ("src/engine/a.c", '#include "store/store.h"'),
    ("ui/a.c", '#include "engine/engine.h"'), ("ui/a.c", '#include "cli/cli.h"'), ("ui/a.c", "#include <ncurses.h>"),
    ("src/cli/a.c", '    printf("%d", 1);'), ("src/cli/a.c", '#include "mime/message.h"'),
    ("src/base/a.c", "    vsnprintf(b, 3, f, a);"), ("src/base/a.c", "/* printf() is not called here */"),
    ("src/base/a.c", "#include <unistd.h>"), ("tests/unit/a.c", '#include "ui/view.h"'),
]


def layers(tmp_path, name, line):
    for folder in ("src/base", "ui"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("/* a */\n" + line + "\n")
    return subprocess.run(["bash", str(TOP / "tests/layers.sh"), str(tmp_path)], capture_output=True, text=True)


@pytest.mark.parametrize("name,line,said", OFFENCES)
def test_an_offence_is_told(tmp_path, name, line, said):
    done = layers(tmp_path, name, line)
    assert done.returncode == 1
    first = done.stdout.splitlines()[0]
    assert said in first and first.startswith((f"{name}:2: ", "src/new/a.c:1: "))


@pytest.mark.parametrize("name,line", ALLOWED)
def test_what_is_allowed_is_not(tmp_path, name, line):
    done = layers(tmp_path, name, line)
    assert (done.returncode, done.stdout) == (0, "")

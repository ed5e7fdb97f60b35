"""How long the tests of faults are: their short form runs with all others, the long one by `make torture`.

    TORTURE=long                every line, hundreds of kills and steps
    TORTURE_SEED=7              another seed; without it the same things happen each time
    TORTURE_COUNT=1000          instead of the long form's number of steps or kills

    LONG, SEED; count(12, 200)  the number for this run

    table = Table("call")                           what a test of faults has seen, for `pytest -s` and notes
    table.add("fsync", hits=1, lost=0, twice=0)     one more place of this kind; "hits": it was a kill, or a cut
    table.conclude()                                prints it; nothing may be lost or here twice, and something was hit, or
                                                    may have been: needs_hits=False where that depends on the speed
"""
import os
from collections import Counter

LONG = os.environ.get("TORTURE") == "long"
SEED = int(os.environ.get("TORTURE_SEED", "1"))


def count(short, long):
    return int(os.environ.get("TORTURE_COUNT", long)) if LONG else short


class Table:
    COLUMNS = ("tried", "hits", "lost", "twice")

    def __init__(self, kind, hits="killed"):
        self.kind, self.hits, self.rows = kind, hits, {}

    def add(self, kind, **seen):
        self.rows.setdefault(kind, Counter()).update(tried=1, **seen)

    def text(self):
        total = sum(self.rows.values(), Counter())
        lines = [f"{self.kind:24}" + "".join(f"{self.hits if name == 'hits' else name:>9}" for name in self.COLUMNS)]
        for kind, row in [*sorted(self.rows.items()), ("all", total)]:
            lines.append(f"{kind:24}" + "".join(f"{row[name]:9}" for name in self.COLUMNS))
        return "\n".join(lines)

    def conclude(self, needs_hits=True):
        print("\n" + self.text())
        total = sum(self.rows.values(), Counter())
        assert (total["hits"] or not needs_hits) and not total["lost"] and not total["twice"], self.text()

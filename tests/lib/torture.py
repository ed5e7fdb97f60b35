"""How long the tests of faults are: their short form runs with all others, the long one by `make torture`.

    TORTURE=long                every line, hundreds of kills and steps
    TORTURE_SEED=7              another seed; without it the same things happen each time
    TORTURE_COUNT=1000          instead of the long form's number of steps or kills

    LONG, SEED; count(12, 200)  the number for this run
"""
import os

LONG = os.environ.get("TORTURE") == "long"
SEED = int(os.environ.get("TORTURE_SEED", "1"))


def count(short, long):
    return int(os.environ.get("TORTURE_COUNT", long)) if LONG else short

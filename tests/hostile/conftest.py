"""What the tests of enemies may ask for, beside what all may (../conftest.py).

    own_imap         a function of OwnImap's arguments (lib/ownimap.py), started, ended with the test
"""
import pytest

from lib.ownimap import OwnImap


@pytest.fixture
def own_imap():
    running = []

    def start(*args, **options):
        running.append(OwnImap(*args, **options).__enter__())
        return running[-1]
    yield start
    for server in running:
        server.__exit__()

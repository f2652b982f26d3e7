"""The server's limit of open files, in a process that starts with as few as macOS gives."""

import subprocess
import sys

import pytest

SCRIPT = """
import resource
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
from gencmp.ui.requests.open_files import WANTED, allow_many_files
allow_many_files()
soft, now = resource.getrlimit(resource.RLIMIT_NOFILE)
assert now == hard and soft == (WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)), (soft, hard)
allow_many_files()
assert resource.getrlimit(resource.RLIMIT_NOFILE) == (soft, hard)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no such limit")
def test_a_low_limit_is_raised_and_a_high_one_kept() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

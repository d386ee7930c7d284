"""What compiled code prints is not seen; what Python prints before and after is."""

from __future__ import annotations

import subprocess
import sys

import pytest

PRINTS = """
import ctypes
from riskset.disclosure.quiet import quiet
c = ctypes.CDLL(None)
c.puts(b"before")
with quiet():
    c.puts(b"a line of debugging")
c.puts(b"after")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the C library is not found by this name")
def test_only_what_is_printed_within_is_discarded() -> None:
    """Through a pipe, where C holds back what it prints until much later."""
    ran = subprocess.run([sys.executable, "-c", PRINTS], capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n") == ["before", "after", ""]

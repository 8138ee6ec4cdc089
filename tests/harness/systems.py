"""What a test needs of the system under it, where not all systems have it."""

import sys

import pytest

LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="/proc, /dev/full and a limit of memory are Linux's"
)

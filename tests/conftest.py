"""Shared by every test: how hypothesis runs, what is left to CI, and how long a test may take.

Other fixtures live beside the tests that use them.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

# CI is repeatable: the same examples every time, and no verdict on how fast its machine happens to be.
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=40)
# On a desk every run looks at new examples, fewer of them; a failing one is printed in a form that can be pasted.
settings.register_profile("desk", deadline=None, print_blob=True, max_examples=25)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

# Whoever runs the tests has defaults of their own; tests have none.
os.environ["SFM_CONFIG"] = str(Path(__file__).with_name("no-config.toml"))

# What a shell starts with `&` ignores Ctrl-C, and so would every process that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Anywhere else their absence is a failure: the extra `test` brings them.
NO_PACKAGES_FOR_TABLES = sys.platform == "win32" and find_spec("pandas") is None

LEFT_TO_CI = ("trust", "packaging", "long")
SECONDS_FOR_THEM = 300
"""pyproject.toml gives every other test its limit. A slow machine needs ten times what a test takes here."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if sys.platform == "win32" and (mark := item.get_closest_marker("posix")):
            reason = mark.args[0] if mark.args else "POSIX by nature"
            item.add_marker(pytest.mark.skip(reason=f"only where POSIX is: {reason}"))
        if NO_PACKAGES_FOR_TABLES and item.get_closest_marker("tables"):
            item.add_marker(pytest.mark.skip(reason="Windows' Python under Wine has no pandas, pyarrow, h5py, obspy"))
        if any(item.get_closest_marker(name) for name in LEFT_TO_CI) and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SECONDS_FOR_THEM))


@contextmanager
def _without_roots_rights() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def as_nobody() -> Callable[[], AbstractContextManager[None]]:
    """Root may read everything; acts as nobody for a while."""
    with _without_roots_rights():
        if not os.access(__file__, os.R_OK, effective_ids=True):
            pytest.skip("nobody may not read this program here, and could not run it")
    return _without_roots_rights


@pytest.fixture
def halved_decoder(monkeypatch: pytest.MonkeyPatch) -> str:
    """The decoder `halved@1` of a package that is installed beside this one, for this test; its name."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "data" / "halved_decoder"))
    return "halved@1"

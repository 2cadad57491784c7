"""The room is an extra: nothing that starts without numpy may need it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HIDE_NUMPY = "import sys; sys.modules['numpy'] = None; "


@pytest.mark.parametrize(
    "module", ["sfm_archive", "sfm_archive.cli", "sfm_archive.testing", "sfm_archive.formats.reports.blastware_text"]
)
def test_the_package_starts_without_numpy(module):
    subprocess.run([sys.executable, "-c", HIDE_NUMPY + f"import {module}"], check=True)

"""Failing and full disks end in a sentence, leave nothing half-written, and leave an archive that works on.

The whole is `python -m sfm_archive.testing.trust`; here every operation of one step and some of the others.
"""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

import sfm_archive as sfm
from sfm_archive.storage import store
from sfm_archive.testing.trust import io_errors
from sfm_archive.testing.trust.failing import Failure, failing_disk
from sfm_archive.testing.trust.io_errors import fail_in_opening, fail_in_steps
from sfm_archive.testing.trust.work import job

PLACES = pytest.mark.parametrize("network", [False, True], ids=["local disk", "network drive"])


@PLACES
def test_every_operation_of_a_save(network: bool, tmp_path: Path) -> None:
    failures = (Failure.STAYS_FULL,) if network else (Failure.ERROR,)
    (found,) = fail_in_steps(tmp_path, failures, network=network, only=lambda name: name == "save")
    print(f"{found.errors} errors injected, {found.reported} of them reported")
    assert found.wrong == []
    assert found.errors > 20
    assert found.reported > 15


@PLACES
def test_some_operations_of_every_step_in_every_way(network: bool, tmp_path: Path) -> None:
    errors = 0
    for found in fail_in_steps(tmp_path, network=network, every=23):
        errors += found.errors
        assert found.wrong == []
    print(f"{errors} errors injected")
    assert errors > 60


@PLACES
def test_making_opening_and_closing(network: bool, tmp_path: Path) -> None:
    errors = 0
    for found in fail_in_opening(tmp_path, network=network, every=9):
        errors += found.errors
        assert found.wrong == []
    print(f"{errors} errors injected")
    assert errors > 30


def test_a_full_disk_says_so(tmp_path: Path) -> None:
    with failing_disk() as faults, sfm.create(tmp_path / "a.sfm") as archive:
        faults.arm(0, Failure.STAYS_FULL)
        with pytest.raises(sfm.SfmError, match=r"a\.sfm: the disk is full; .* Free some space and try again"):
            job("one").save(archive)
        faults.disarm()
        assert archive.count() == 0
        assert job("one").save(archive).created


def test_a_failing_disk_says_so(tmp_path: Path) -> None:
    with failing_disk() as faults, sfm.create(tmp_path / "a.sfm") as archive:
        faults.arm(0, Failure.ERRORS)
        with pytest.raises(sfm.SfmError, match=r"a\.sfm: reading or writing failed .* Check the disk"):
            job("one").save(archive)
        faults.disarm()
        assert archive.count() == 0


# --- proof that these can fail ---


def test_an_untranslated_error_is_found_out(tmp_path: Path) -> None:
    with patch.object(store, "as_sfm_error"), patch("sfm_archive.storage.failures.as_sfm_error", lambda error, path: error):
        (found,) = fail_in_steps(tmp_path, (Failure.ERROR,), every=5, only=lambda name: name == "pin another encoder")
    assert any("instead of an error of this project" in text for text in found.wrong)


def test_something_half_written_is_found_out(tmp_path: Path) -> None:
    def careless(archive: sfm.Archive) -> None:
        job("a").save(archive)
        job("b").save(archive)

    with patch.object(io_errors, "steps", lambda: [io_errors.NamedStep("careless", careless)]):
        (found,) = fail_in_steps(tmp_path, (Failure.STAYS_FULL,), every=3)
    assert any("holds" in text for text in found.wrong)

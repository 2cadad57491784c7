"""Failing and full disks end in a sentence, leave nothing half-written, and leave an archive that works on.

The whole is `python -m sfm_archive.selftest`; here every operation of one step and some of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

import sfm_archive as sfm
from sfm_archive.selftest import io_errors
from sfm_archive.selftest.failing import Failure, failing_disk
from sfm_archive.selftest.io_errors import fail_in_opening, fail_in_steps
from sfm_archive.selftest.moving_trials import fail_in_moves
from sfm_archive.selftest.work import job
from sfm_archive.storage import failures

Tried = Callable[[str, int], None]

PLACES = pytest.mark.parametrize("network", [False, True], ids=["local disk", "network drive"])


@pytest.mark.trust
@PLACES
def test_operations_of_a_save(network: bool, folder: Path, tried: Tried) -> None:
    failures = (Failure.STAYS_FULL,) if network else (Failure.ERROR,)
    every = 3 if network else 1  # a disk that stays full is full for every later operation too
    (found,) = fail_in_steps(folder, failures, network=network, every=every, only=lambda name: name == "save")
    tried("injected errors", found.errors)
    assert found.wrong == []
    assert found.errors > 10
    assert found.reported > 7


@pytest.mark.trust
@PLACES
def test_some_operations_of_every_step_in_every_way(network: bool, folder: Path, tried: Tried) -> None:
    errors = 0
    for found in fail_in_steps(folder, network=network, every=401):
        errors += found.errors
        assert found.wrong == []
    tried("injected errors", errors)
    assert errors > 10


@pytest.mark.trust
@PLACES
def test_making_opening_and_closing(network: bool, folder: Path, tried: Tried) -> None:
    errors = 0
    for found in fail_in_opening(folder, network=network, every=79):
        errors += found.errors
        assert found.wrong == []
    tried("injected errors", errors)
    assert errors > 10


@pytest.mark.trust
@PLACES
def test_merges_extracts_and_copies_on_failing_disks_end_whole_or_not_at_all(
    network: bool, folder: Path, tried: Tried
) -> None:
    errors = 0
    for found in fail_in_moves(folder, network=network, every=151):
        errors += found.errors
        assert found.wrong == []
    tried("injected errors", errors)
    assert errors > 40


def test_a_full_disk_says_so(folder: Path) -> None:
    with failing_disk() as faults, sfm.create(folder / "a.sfm") as archive:
        faults.arm(0, Failure.STAYS_FULL)
        with pytest.raises(sfm.SfmError, match=r"a\.sfm: the disk is full; .* Free some space and try again"):
            job("one").save(archive)
        faults.disarm()
        assert archive.count() == 0
        assert job("one").save(archive).created


def test_a_failing_disk_says_so(folder: Path) -> None:
    with failing_disk() as faults, sfm.create(folder / "a.sfm") as archive:
        faults.arm(0, Failure.ERRORS)
        with pytest.raises(sfm.SfmError, match=r"a\.sfm: reading or writing failed .* Check the disk"):
            job("one").save(archive)
        faults.disarm()
        assert archive.count() == 0


# --- proof that these can fail ---


def test_an_untranslated_error_is_found_out(folder: Path) -> None:
    with patch.object(failures, "as_sfm_error", lambda error, path: error):
        (found,) = fail_in_steps(folder, (Failure.ERROR,), every=5, only=lambda name: name == "pin another encoder")
    assert any("instead of an error of this project" in text for text in found.wrong)


def test_something_half_written_is_found_out(folder: Path) -> None:
    def careless(archive: sfm.Archive) -> None:
        job("a").save(archive)
        job("b").save(archive)

    with patch.object(io_errors, "steps", lambda: [io_errors.NamedStep("careless", careless)]):
        (found,) = fail_in_steps(folder, (Failure.STAYS_FULL,), every=3)
    assert any("holds" in text for text in found.wrong)

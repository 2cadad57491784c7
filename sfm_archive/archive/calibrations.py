"""Whether units were calibrated when they recorded events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sfm_archive.archive.reading import values_of
from sfm_archive.model.calibrations import CalibrationAnswer, CalibrationState, calibration_on
from sfm_archive.model.statements import Calibration
from sfm_archive.storage import statements

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive

Register = Mapping[str, list[Calibration]]
"""The calibrations that count, by unit."""


def register_of(archive: Archive) -> Register:
    """What is stated of units that anything is stated of."""
    found: dict[str, list[Calibration]] = {}
    with archive.store.reading() as connection:
        for one in statements.that_count(connection, Calibration).values():
            found.setdefault(one.serial, []).append(one)
    return found


def calibrations_of(
    archive: Archive, starts: Mapping[int, tuple[str, str]], register: Register | None = None, *, whole: bool = False
) -> dict[int, CalibrationAnswer]:
    """Of each event, by its unit and its start. `whole`: what reports print is read of all of them, for the reason in
    words; else only where it can alter the state."""
    stated = register_of(archive) if register is None else register
    found = {
        event_id: calibration_on(start[:10], stated.get(serial, ())) for event_id, (serial, start) in starts.items()
    }
    # A print has no date until which it holds: it can only make overdue what is unknown.
    asked = [one for one, answer in found.items() if whole or answer.state is CalibrationState.OVERDUE]
    for event_id, values in values_of(archive.store, asked, ("calibration",)).items() if asked else ():
        line = next((value.text for value in values if not value.channel), "")
        serial, start = starts[event_id]
        found[event_id] = calibration_on(start[:10], stated.get(serial, ()), line)
    return found

"""The register of units: what is stated of their calibration, what their reports print, and their sensor checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sfm_archive.archive import Archive
from sfm_archive.archive.calibrations import Register, calibrations_of, register_of
from sfm_archive.archive.listing import summary_rows
from sfm_archive.archive.reading import values_of
from sfm_archive.base.batches import batches
from sfm_archive.base.shell_words import command_line
from sfm_archive.errors import NotFound
from sfm_archive.model.calibrations import CalibrationState, calibration_on, printed_day
from sfm_archive.model.families import family_of
from sfm_archive.model.readings import CHANNELS, Reading
from sfm_archive.model.serials import checked_serial
from sfm_archive.storage import unit_register
from sfm_archive.storage.unit_register import PrintedLine

CHECK_QUANTITIES = ("test_frequency", "test_ratio", "test_amplitude", "test_results")
"""What reports print of the check of a channel's sensor."""

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCalibration:
    """A calibration as people state it. `number`: of the statement. `calibrated_on`: the day; `valid_until`: not
    included, '' where not stated. `lab`: who calibrated it, '' where not stated. `certificate`: name of its file, ''
    without one; `certificate_sha256`: of its bytes, '' without one. `decided_by`, `reason`: who says so and why."""

    number: int
    calibrated_on: str
    valid_until: str
    lab: str
    certificate: str
    certificate_sha256: str
    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCalibration:
    """A calibration line as reports of a unit print it. `text`: as printed; `day`: that it names, '' where none can be
    read from it. `events`: whose reports print it; `first_local`: when the first of them began; `last_local`: when the
    last did."""

    text: str
    day: str
    events: int
    first_local: str
    last_local: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredUnit:
    """A unit. `family`: of its kind. `events`: how many; `first_local`: when the first began; `last_local`: when the
    last did, '' without any. `calibration`: on the day that was asked about, `valid`, `overdue` or `unknown`; `why`:
    what that rests on, in words. `stated`: what people state, by day; `printed`: what its reports print. `valid`,
    `overdue`, `unknown`: of how many events its calibration was so when they began."""

    serial: str
    family: str
    events: int
    first_local: str
    last_local: str
    calibration: CalibrationState
    why: str
    stated: tuple[StatedCalibration, ...]
    printed: tuple[PrintedCalibration, ...]
    valid: int
    overdue: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorCheck:
    """What a report prints of the check of one channel's sensor. `frequency`: None where none is printed;
    `frequency_unit`: as printed. `ratio`: overswing ratio, None where none is printed. `amplitude`: None where none is
    printed; `amplitude_unit`: as printed. `result`: as printed, '' without one."""

    event_id: int
    serial: str
    recorded_at_local: str
    channel: str
    frequency: float | None
    frequency_unit: str
    ratio: float | None
    amplitude: float | None
    amplitude_unit: str
    result: str


def registered_units(archive: Archive, serial: str = "", *, on: date | None = None) -> tuple[RegisteredUnit, ...]:
    """All units that have events or a calibration that is stated, or the one named. `on`: the day for which the state
    of the calibration is told, today where none is given. Raises BadSerial, NotFound for a unit of which nothing is
    known."""
    wanted = checked_serial(serial) if serial else ""
    day = (on or date.today()).isoformat()
    register = register_of(archive)
    with archive.store.reading() as connection:
        known = {one.serial: one for one in unit_register.of_events(connection)}
        printed: dict[str, list[PrintedLine]] = {}
    with archive.store.settled() as connection:
        for line in unit_register.printed(connection, "calibration", wanted):
            printed.setdefault(line.serial, []).append(line)
    serials = sorted({*known, *register}) if not wanted else [wanted]
    found = []
    for one in serials:
        if one not in known and one not in register:
            listing = command_line("sfm", "unit", archive.path)
            raise NotFound(f"{archive.path} knows no unit {one}; {listing} lists those that it knows")
        own = known.get(one, unit_register.UnitEvents(one, 0, "", ""))
        states = _states(archive, one, register) if own.events else Counter[CalibrationState]()
        lines = printed.get(one, [])
        answer = calibration_on(day, register.get(one, ()), _newest(lines))
        found.append(
            RegisteredUnit(
                serial=one,
                family=family_of(one).name,
                events=own.events,
                first_local=own.first_local,
                last_local=own.last_local,
                calibration=answer.state,
                why=answer.why,
                stated=_stated(register, one),
                printed=tuple(
                    PrintedCalibration(
                        text=line.text,
                        day=printed_day(line.text),
                        events=line.events,
                        first_local=line.first_local,
                        last_local=line.last_local,
                    )
                    for line in lines
                ),
                valid=states[CalibrationState.VALID],
                overdue=states[CalibrationState.OVERDUE],
                unknown=states[CalibrationState.UNKNOWN],
            )
        )
    return tuple(found)


def sensor_checks(archive: Archive, serial: str) -> tuple[SensorCheck, ...]:
    """What the reports of a unit's events print of its sensor checks, by time and channel. Raises BadSerial, NotFound
    for a unit without events."""
    unit = checked_serial(serial)
    with archive.store.reading() as connection:
        ids = unit_register.ids_of(connection, unit)
    if not ids:
        raise NotFound(f"{archive.path} has no event of {unit}; look at the serial")
    found = []
    for page in batches(ids, _AT_ONCE):
        starts = summary_rows(archive, page)
        for event_id, values in values_of(archive.store, page, CHECK_QUANTITIES).items():
            by_channel: dict[str, dict[str, Reading]] = {}
            for value in values:
                by_channel.setdefault(value.channel, {})[value.quantity] = value
            found += [
                _check(event_id, unit, starts[event_id].start_local, channel, own)
                for channel, own in by_channel.items()
                if any(value.text or value.number is not None for value in own.values())
            ]
    order = {channel: place for place, channel in enumerate(CHANNELS)}
    return tuple(sorted(found, key=lambda one: (one.recorded_at_local, one.event_id, order.get(one.channel, 9))))


def _check(event_id: int, serial: str, start: str, channel: str, own: Mapping[str, Reading]) -> SensorCheck:
    frequency, amplitude, ratio = (own.get(f"test_{name}") for name in ("frequency", "amplitude", "ratio"))
    result = own.get("test_results")
    return SensorCheck(
        event_id=event_id,
        serial=serial,
        recorded_at_local=start,
        channel=channel,
        frequency=None if frequency is None else frequency.number,
        frequency_unit="" if frequency is None else frequency.unit,
        ratio=None if ratio is None else ratio.number,
        amplitude=None if amplitude is None else amplitude.number,
        amplitude_unit="" if amplitude is None else amplitude.unit,
        result="" if result is None else result.text,
    )


def _states(archive: Archive, serial: str, register: Register) -> Counter[CalibrationState]:
    counts: Counter[CalibrationState] = Counter()
    with archive.store.reading() as connection:
        ids = unit_register.ids_of(connection, serial)
    if serial not in register:
        counts[CalibrationState.UNKNOWN] = len(ids)  # as `calibration_on` says of every day without a statement
        return counts
    for page in batches(ids, _AT_ONCE):
        starts = {event_id: (serial, row.start_local) for event_id, row in summary_rows(archive, page).items()}
        counts.update(answer.state for answer in calibrations_of(archive, starts, register).values())
    return counts


def _newest(lines: Sequence[PrintedLine]) -> str:
    """Of lines the one with the latest day."""
    return max((line.text for line in lines), key=printed_day, default="")


def _stated(register: Register, serial: str) -> tuple[StatedCalibration, ...]:
    return tuple(
        StatedCalibration(
            number=one.number,
            calibrated_on=one.calibrated_on,
            valid_until=one.valid_until,
            lab=one.lab,
            certificate=one.certificate,
            certificate_sha256=one.certificate_sha256.hex(),
            decided_by=one.decided_by,
            reason=one.reason,
        )
        for one in sorted(register.get(serial, ()), key=lambda one: (one.calibrated_on, one.number))
    )

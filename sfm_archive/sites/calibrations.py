"""When units were calibrated: stated, corrected, withdrawn, with the certificate as a file of the archive."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from sfm_archive.archive import Archive
from sfm_archive.base.shell_words import command_line
from sfm_archive.errors import NotFound, UsageError
from sfm_archive.files.writing import write_file
from sfm_archive.model.calibrations import day_behind, parse_day
from sfm_archive.model.serials import checked_serial
from sfm_archive.model.statements import Calibration
from sfm_archive.sites.attached import attached_bytes, attached_file
from sfm_archive.sites.stating import Attached, StatementMade, one_line, state, that_counts, who, why, withdraw
from sfm_archive.storage import statements

LARGEST_CERTIFICATE: Final = 64 << 20
"""Bytes of a certificate: a scan of many pages has a few MiB."""


def calibrate(
    archive: Archive,
    serial: str,
    calibrated_on: str,
    *,
    valid: str = "",
    valid_until: str = "",
    lab: str = "",
    certificate: str | Path | None = None,
    by: str = "",
    reason: str = "",
    dry_run: bool = False,
) -> StatementMade:
    """Say that a unit was calibrated on a day, written 2026-02-11. `valid`: how long that holds, '12months', '2years',
    '90days'; `valid_until`: until which day, not included; at most one of them, and without both it is not known.
    `certificate`: a file, which the archive keeps.

    The same again changes nothing. Raises BadSerial, UsageError for a day or a time that is none, for another statement
    of that day, and for a certificate that is no file, empty or too large, NotFound, StorageFailed, ReadOnlyArchive,
    Busy.
    """
    unit, day = checked_serial(serial), _past_day(calibrated_on)
    end = _end(day, valid, valid_until)
    attached = None if certificate is None else _attached(Path(certificate))
    row = Calibration(
        number=0,
        position=0,
        serial=unit,
        calibrated_on=day,
        valid_until=end,
        lab=one_line(lab, "the name of the laboratory"),
        certificate="" if attached is None else attached.name,
        certificate_sha256=b"" if attached is None else bytes.fromhex(attached.sha256),
        withdrawn=0,
        decided_by=who(archive, by),
        reason=why(reason),
    )

    def make(connection: Any) -> Calibration:
        for other in statements.that_count(connection, Calibration).values():
            said_before = row._replace(number=other.number, position=other.position)
            if said_before[:-2] == other[:-2]:
                return said_before
            if (other.serial, other.calibrated_on) == (unit, day):
                raise UsageError(
                    f"{other.told} is stated already (number {other.number}); correct that one (sfm unit ARCHIVE "
                    f"{unit} --correct {other.number})"
                )
        return row

    def notes(_connection: Any, row: Calibration) -> list[str]:
        if archive.count(serial=row.serial):
            return []
        return [f"no event of {row.serial} is in {archive.path} yet; look at the serial"]

    return state(archive, make, attached=attached, notes=notes, dry_run=dry_run)


def correct_calibration(
    archive: Archive,
    number: int,
    *,
    serial: str = "",
    calibrated_on: str | None = None,
    valid: str = "",
    valid_until: str = "",
    lab: str | None = None,
    certificate: str | Path | None = None,
    by: str = "",
    reason: str,
    dry_run: bool = False,
) -> StatementMade:
    """Say otherwise of a calibration, by its number; what is None or '' stays as it is. `serial`: of which unit it must
    be, '' for any. As `calibrate`."""
    reason = why(reason, needed=f"correcting calibration {number}")
    attached = None if certificate is None else _attached(Path(certificate))

    def make(connection: Any) -> Calibration:
        own = that_counts(connection, Calibration, number, command_line("sfm", "unit", archive.path))
        _of_unit(own, serial)
        day = own.calibrated_on if calibrated_on is None else _past_day(calibrated_on)
        end = _end(day, valid, valid_until) or own.valid_until
        if end and end <= day:
            raise UsageError(f"{own.told}: it would end before {day}, when it begins; say --valid or --valid-until too")
        for other in statements.that_count(connection, Calibration).values():
            if other.number != number and (other.serial, other.calibrated_on) == (own.serial, day):
                raise UsageError(f"{other.told} is stated already (number {other.number}); withdraw one of them")
        kept = (
            own
            if attached is None
            else own._replace(certificate=attached.name, certificate_sha256=bytes.fromhex(attached.sha256))
        )
        return kept._replace(
            calibrated_on=day,
            valid_until=end,
            lab=own.lab if lab is None else one_line(lab, "the name of the laboratory"),
            decided_by=who(archive, by),
            reason=reason,
        )

    return state(archive, make, attached=attached, dry_run=dry_run)


def withdraw_calibration(
    archive: Archive, number: int, *, serial: str = "", by: str = "", reason: str, dry_run: bool = False
) -> StatementMade:
    """Take a calibration back; its certificate stays in the archive. `serial`: of which unit it must be, '' for any.
    Raises NotFound, UsageError for no reason."""

    def refuse(_connection: Any, row: Calibration) -> None:
        _of_unit(row, serial)

    listing = command_line("sfm", "unit", archive.path)
    return withdraw(archive, Calibration, number, listing=listing, by=by, reason=reason, dry_run=dry_run, refuse=refuse)


def read_certificate(archive: Archive, number: int, *, serial: str = "") -> tuple[str, bytes]:
    """Name and bytes of the certificate of a calibration, withdrawn ones among them, as they were received. `serial`:
    of which unit it must be, '' for any. Raises NotFound where there is none, Damaged where its bytes are not those
    that were kept."""
    with archive.store.reading() as connection:
        row = statements.newest(connection, Calibration).get(number)
        listing = command_line("sfm", "unit", archive.path)
        if row is None:
            raise NotFound(f"there is no calibration {number}; {listing} lists them")
        _of_unit(row, serial)
        if not row.certificate_sha256:
            raise NotFound(f"calibration {number} ({row.told}) has no certificate; {listing} lists them")
        what = f"{archive.path}: certificate {row.certificate} of {row.serial}"
        return row.certificate, attached_bytes(connection, row.certificate_sha256, what)


def save_certificate(
    archive: Archive, number: int, target: str | Path, *, serial: str = "", overwrite: bool = False
) -> bool:
    """Write a certificate to a file; False where it stands there already. Raises as `read_certificate`, AlreadyExists,
    StorageFailed."""
    return write_file(Path(target), read_certificate(archive, number, serial=serial)[1], overwrite=overwrite)


def _of_unit(row: Calibration, serial: str) -> None:
    if serial and checked_serial(serial) != row.serial:
        raise UsageError(f"calibration {row.number} is of {row.serial}, not of {checked_serial(serial)}")


def _end(day: str, valid: str, valid_until: str) -> str:
    if valid and valid_until:
        raise UsageError("a calibration holds so long or until a day; give --valid or --valid-until")
    end = day_behind(day, valid) if valid else parse_day(valid_until) if valid_until else ""
    if end and end <= day:
        raise UsageError(f"a calibration of {day} that holds until {end} would never hold; look at the two days")
    return end


def _past_day(text: str) -> str:
    """A day that has come. Raises UsageError; tomorrow is let pass, for it has come elsewhere."""
    day = parse_day(text)
    if date.fromisoformat(day) > date.today() + timedelta(days=1):
        raise UsageError(f"a calibration on {day} lies in the future; look at its year, or state it once it is done")
    return day


def _attached(path: Path) -> Attached:
    return attached_file("certificate", path, LARGEST_CERTIFICATE)

"""`sfm unit`: the register of units, when they were calibrated, and their sensor checks over time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.base.extras import require_extra
from sfm_archive.cli.completers import complete_serials
from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import archive_to_change
from sfm_archive.cli.output import Column, OutputFormat, at_text, counted, emit, emit_json, table, tell
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.statement_options import Said, statement_options, tell_statement

if TYPE_CHECKING:
    from sfm_archive.sites.stating import StatementMade
    from sfm_archive.sites.units import RegisteredUnit, SensorCheck

UNITS = (
    Column("serial", "serial"),
    Column("family", "family"),
    Column("events", "events", number=True),
    Column("first", "first_local"),
    Column("last", "last_local"),
    Column("calibration", "calibration"),
    Column("why", "why"),
)
STATED = (
    Column("number", "number", number=True),
    Column("calibrated on", "calibrated_on"),
    Column("valid until", "valid_until"),
    Column("by", "lab"),
    Column("certificate", "certificate"),
    Column("says", "decided_by"),
    Column("reason", "reason"),
)
PRINTED = (
    Column("printed", "text"),
    Column("events", "events", number=True),
    Column("first", "first_local"),
    Column("last", "last_local"),
)
CHECKS = (
    Column("event", "event_id", number=True),
    Column("recorded (device-local)", "recorded_at_local"),
    Column("channel", "channel"),
    Column("frequency", "frequency", number=True),
    Column("ratio", "ratio", number=True),
    Column("amplitude", "amplitude", number=True),
    Column("result", "result"),
)


@click.command("unit")
@archive_to_change
@click.argument("serial", required=False, shell_complete=complete_serials)
@click.option("--calibrated", metavar="DAY", help="Say that it was calibrated on that day, such as 2026-02-11.")
@click.option("--valid", default="", metavar="TIME", help="How long that holds: 12months, 2years, 90days.")
@click.option("--valid-until", default="", metavar="DAY", help="Until which day that holds, that day not included.")
@click.option("--lab", metavar="NAME", help="Who calibrated it.")
@click.option("--certificate", type=path_type(), metavar="FILE", help="The certificate; the archive keeps the file.")
@click.option("--correct", type=int, metavar="NUMBER", help="Say otherwise of a calibration; give what is other.")
@click.option("--withdraw", type=int, metavar="NUMBER", help="Take a calibration back; its certificate stays.")
@click.option(
    "--save-certificate", type=(int, path_type(folders=False)), metavar="NUMBER FILE", help="Write a certificate out."
)
@click.option("--sensor-checks", is_flag=True, help="List what its reports print of sensor checks, over time.")
@click.option(
    "-o", "--output", "target", type=path_type(folders=False), metavar="FILE",
    help="With --sensor-checks: draw them too, as .png, .svg or .pdf.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@statement_options()
def command(
    access: Access,
    serial: str | None,
    calibrated: str | None,
    valid: str,
    valid_until: str,
    lab: str | None,
    certificate: Path | None,
    correct: int | None,
    withdraw: int | None,
    save_certificate: tuple[int, Path] | None,
    sensor_checks: bool,
    target: Path | None,
    overwrite: bool,
    said: Said,
    output: OutputFormat,
) -> None:
    """List units, and say when they were calibrated.

    Without an option: every unit with its events and whether its calibration is valid today, overdue, or unknown, where
    nobody states one or until when it holds. With a SERIAL also what is stated of it and what its reports print.

    `calibration` of lists, and the page of each event, say the same for the day on which the event began. What people
    state counts before what a report prints, and a printed line alone never makes a calibration valid.

    \b
    Examples:
      sfm unit quarry.sfm
      sfm unit quarry.sfm BE11529 --calibrated 2026-02-11 --lab VMA --certificate VMA-1207.pdf --valid 12months
      sfm unit quarry.sfm BE11529 --correct 1 --valid-until 2027-02-01 --reason "as the certificate says"
      sfm unit quarry.sfm BE11529 --save-certificate 1 VMA-1207.pdf
      sfm unit quarry.sfm BE11529 --sensor-checks -o checks.svg
    """
    import sfm_archive as sfm

    details: dict[str, Any] = {"valid": valid, "valid_until": valid_until, "certificate": certificate}
    is_detail = bool(valid or valid_until or certificate or lab)
    modes = [calibrated is not None and correct is None, correct is not None, withdraw is not None]
    modes += [save_certificate is not None, sensor_checks]
    if sum(modes) > 1:
        raise click.UsageError(
            "say one thing: --calibrated DAY, --correct NUMBER, --withdraw NUMBER, --save-certificate NUMBER FILE or "
            "--sensor-checks"
        )
    if is_detail and not (modes[0] or modes[1]):
        raise click.UsageError("what is that of? give it with --calibrated DAY, or with --correct NUMBER")
    if target is not None and not sensor_checks:
        raise click.UsageError("-o draws sensor checks; give it with --sensor-checks")
    if serial is None and (modes[0] or sensor_checks):
        raise click.UsageError("of which unit? give its serial behind the archive")
    if save_certificate is not None:
        number, file = save_certificate
        with access.to_read() as archive:
            new = sfm.save_certificate(archive, number, file, serial=serial or "", overwrite=overwrite)
        tell(f"{file} {'written' if new else 'was there already'}")
    elif sensor_checks:
        _sensor_checks(access, serial or "", target, output, overwrite=overwrite)
    elif not any(modes):
        _list(access, serial or "", output)
    else:
        with changing(access.to_change(dry_run=said.dry_run)) as archive:
            if calibrated is not None and correct is None:
                made = sfm.calibrate(archive, serial or "", calibrated, lab=lab or "", **details, **said.parts())
            elif correct is not None:
                of_unit: dict[str, Any] = {"serial": serial or "", "calibrated_on": calibrated, "lab": lab}
                made = sfm.correct_calibration(archive, correct, **of_unit, **details, **said.parts())
            else:
                assert withdraw is not None
                made = sfm.withdraw_calibration(archive, withdraw, serial=serial or "", **said.parts())
        _tell(access, made, output)


def _tell(access: Access, made: StatementMade, output: OutputFormat) -> None:
    if output is OutputFormat.JSON:
        emit_json(_document(access, statement=made))
    else:
        tell_statement(access, made, output)


def _document(access: Access, **parts: Any) -> dict[str, Any]:
    return {"archive": str(access.path), "units": None, "sensor_checks": None, "statement": None, **parts}


def _list(access: Access, serial: str, output: OutputFormat) -> None:
    import sfm_archive as sfm

    with access.to_read() as archive:
        found = sfm.registered_units(archive, serial)
    if output is OutputFormat.JSON:
        emit_json(_document(access, units=found))
        return
    if found:
        emit(table(UNITS, [_unit_cells(one) for one in found]))
    if serial:
        _details(found[0])
    states = [one.calibration.value for one in found]
    words = [f"{states.count(word):,} {word}" for word in ("valid", "overdue", "unknown") if word in states]
    tell("; calibration today: ".join(filter(None, (counted(len(found), "unit"), ", ".join(words)))))


def _details(unit: RegisteredUnit) -> None:
    if unit.stated:
        rows = [tuple(getattr(one, column.name) for column in STATED) for one in unit.stated]
        emit("\nstated\n" + table(STATED, rows, indent="  "))
    if unit.printed:
        rows = [(one.text, one.events, at_text(one.first_local), at_text(one.last_local)) for one in unit.printed]
        emit("\nas reports print it\n" + table(PRINTED, rows, indent="  "))
    counts = (("valid", unit.valid), ("overdue", unit.overdue), ("unknown", unit.unknown))
    words = [f"{number:,} {word}" for word, number in counts if number]
    if words:
        tell(f"{counted(unit.events, 'event')} of it, by its calibration when they began: {', '.join(words)}")


def _sensor_checks(access: Access, serial: str, target: Path | None, output: OutputFormat, *, overwrite: bool) -> None:
    import sfm_archive as sfm

    if target is not None:
        if target.suffix.lower() not in (".png", ".svg", ".pdf"):
            raise click.UsageError(f"{target}: a picture is written as .png, .svg or .pdf; name the file so")
        require_extra("sfm unit -o", "plots")
    with access.to_read() as archive:
        found = sfm.sensor_checks(archive, serial)
    if output is OutputFormat.JSON:
        emit_json(_document(access, sensor_checks=found))
    elif found:
        emit(table(CHECKS, [_check_cells(one) for one in found]))
    tell(
        f"sensor checks of {counted(len({one.event_id for one in found}), 'event')}, as reports print them"
        if found
        else "no report prints a sensor check of this unit"
    )
    if target is not None:
        from sfm_archive.reporting.sensor_check_picture import write_sensor_checks

        drawn = write_sensor_checks(found, target, overwrite=overwrite)
        tell(f"{target} {'written' if drawn.new else 'was there already'} ({drawn.size:,} bytes)")


def _unit_cells(one: RegisteredUnit) -> tuple[object, ...]:
    first, last = at_text(one.first_local), at_text(one.last_local)
    return one.serial, one.family, one.events, first, last, one.calibration.value, one.why


def _check_cells(one: SensorCheck) -> tuple[object, ...]:
    frequency = _number(one.frequency, one.frequency_unit)
    amplitude = _number(one.amplitude, one.amplitude_unit)
    moment = at_text(one.recorded_at_local)
    return one.event_id, moment, one.channel, frequency, _number(one.ratio, ""), amplitude, one.result


def _number(number: float | None, unit: str) -> str:
    return "" if number is None else f"{number:.7g} {unit}".rstrip()

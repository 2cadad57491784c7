"""When units were calibrated: statements, certificates, what reports print, and what lists and pages make of them."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import sfm_archive as sfm
from sfm_archive.analysing import recording_of
from sfm_archive.cli import main
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.model.calibrations import CalibrationState, calibration_on, day_behind, printed_day
from sfm_archive.model.statements import Calibration
from sfm_archive.reporting.event_lines import line_of
from sfm_archive.reporting.event_page import EventPages
from sfm_archive.reporting.events_table import EventsTable
from sfm_archive.reporting.judged import judged_event
from sfm_archive.sites import calibrations
from tests.sites.conftest import OTHER, UNIT, save_waveform

MAY = datetime(2026, 5, 1, 8)
REPORTS = Path(__file__).parents[1] / "data" / "blastware-ascii"


def stated(day: str, until: str = "", number: int = 1) -> Calibration:
    return Calibration(number, 1, UNIT, day, until, "VMA", "", b"", 0, "A. Miller", "")


YEAR = stated("2025-02-11", "2026-02-11")


@pytest.mark.parametrize(
    ("day", "known", "printed", "state"),
    [
        ("2025-02-10", [YEAR], "", "unknown"),
        ("2025-02-11", [YEAR], "", "valid"),
        ("2026-02-10", [YEAR], "", "valid"),
        ("2026-02-11", [YEAR], "", "overdue"),
        ("2026-02-11", [YEAR, stated("2026-02-01", "2027-02-01", 2)], "", "valid"),
        ("2026-02-11", [YEAR, stated("2026-02-01", "", 2)], "", "unknown"),
        # A newer one that a report prints ends what is overdue, and begins nothing that is valid.
        ("2026-03-01", [YEAR], "February 20, 2026 by Instantel", "unknown"),
        ("2026-03-01", [YEAR], "February 11, 2025 by Instantel", "overdue"),
        ("2026-03-01", [YEAR], "December 24, 2026 by Instantel", "overdue"),
        ("2026-03-01", [], "February 20, 2026 by Instantel", "unknown"),
        ("2026-03-01", [], "", "unknown"),
    ],
)
def test_state_of_a_calibration_on_a_day(day: str, known: list[Calibration], printed: str, state: str) -> None:
    answer = calibration_on(day, known, printed)
    assert answer.state == state
    assert answer.why


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("December 20, 2019 by Instantel", "2019-12-20"),
        ("Dec 2, 2019", "2019-12-02"),
        ("2024-02-29 VMA", "2024-02-29"),
        ("February 30, 2019", ""),
        ("by Instantel", ""),
        ("20.12.2019", ""),
        ("December 20, 20191", ""),
    ],
)
def test_the_day_of_a_printed_line(line: str, day: str) -> None:
    assert printed_day(line) == day


@pytest.mark.parametrize(
    ("day", "time", "behind"),
    [
        ("2026-02-11", "12months", "2027-02-11"),
        ("2024-02-29", "1 year", "2025-02-28"),
        ("2026-08-31", "6months", "2027-02-28"),
        ("2026-12-31", "90 days", "2027-03-31"),
    ],
)
def test_how_long_a_calibration_holds(day: str, time: str, behind: str) -> None:
    assert day_behind(day, time) == behind


@pytest.mark.parametrize("time", ["", "12", "0months", "months", "-1year", "1.5years", "１２months", "99999years"])
def test_a_time_that_is_none_is_refused(time: str) -> None:
    with pytest.raises(sfm.UsageError):
        day_behind("2026-02-11", time)


def test_lists_and_pages_say_valid_overdue_and_unknown(archive: sfm.Archive) -> None:
    events = [save_waveform(archive, MAY + timedelta(days=days)) for days in (-10, 0, 400)]
    save_waveform(archive, MAY, OTHER)
    sfm.calibrate(archive, UNIT, "2026-04-25", valid="12months", lab="VMA")
    states = {one.event_id: one.calibration for one in archive.listing()}
    assert [states[event] for event in events] == ["unknown", "valid", "overdue"]
    assert archive.describe(events[2]).calibration.state is CalibrationState.OVERDUE
    (own, other) = sfm.registered_units(archive, on=date(2026, 5, 2))
    assert (own.serial, own.calibration, own.valid, own.overdue, own.unknown) == (UNIT, "valid", 1, 1, 1)
    assert (other.calibration, other.unknown) == ("unknown", 1)
    shown = CliRunner().invoke(main, ["list", str(archive.path)]).stdout
    assert "calibration of the unit when it recorded these: 1 overdue, 2 unknown" in shown
    assert "overdue (stated: calibrated on 2026-04-25 by VMA, valid until 2027-04-25)" in (
        CliRunner().invoke(main, ["show", str(archive.path), str(events[2])]).stdout
    )


def test_a_list_without_any_statement_says_nothing_of_calibrations(archive: sfm.Archive) -> None:
    save_waveform(archive, MAY)
    assert "calibration" not in CliRunner().invoke(main, ["list", str(archive.path)]).stdout


def test_a_certificate_is_kept_and_given_back(archive: sfm.Archive, tmp_path: Path) -> None:
    save_waveform(archive, MAY)
    file = tmp_path / "VMA-1207.pdf"
    file.write_bytes(b"%PDF" + bytes(range(256)) * 9000)  # of several pieces
    made = sfm.calibrate(archive, UNIT, "2026-04-25", valid_until="2027-04-25", certificate=file)
    assert sfm.read_certificate(archive, made.number) == (file.name, file.read_bytes())
    assert archive.verify().ok
    sfm.withdraw_calibration(archive, made.number, reason="of another unit")
    assert sfm.save_certificate(archive, made.number, tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == file.read_bytes()
    history = [row.action for row in archive.history()]
    assert history[-2:] == ["state", "state"]
    copy = tmp_path / "copy.sfm"
    archive.backup(copy)
    with sfm.open(copy, read_only=True) as other:
        assert sfm.read_certificate(other, made.number)[1] == file.read_bytes()
    with pytest.raises(sfm.NotFound, match="no calibration 2"):
        sfm.read_certificate(archive, 2)


def test_a_salvaged_archive_has_statements_and_certificates(archive: sfm.Archive, tmp_path: Path) -> None:
    save_waveform(archive, MAY)
    file = tmp_path / "c.pdf"
    file.write_bytes(b"%PDF")
    sfm.calibrate(archive, UNIT, "2026-04-25", valid="1year", certificate=file)
    archive.close()
    sfm.salvage(archive.path, tmp_path / "new.sfm")
    with sfm.open(tmp_path / "new.sfm", read_only=True) as new:
        assert sfm.read_certificate(new, 1) == ("c.pdf", b"%PDF")
        assert new.verify().ok


def test_what_is_no_certificate_is_refused_and_nothing_is_kept(
    archive: sfm.Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = archive.history_head()
    empty, large = tmp_path / "empty.pdf", tmp_path / "large.pdf"
    empty.touch()
    large.write_bytes(bytes(100))
    monkeypatch.setattr(calibrations, "LARGEST_CERTIFICATE", 99)
    for path, kind, words in (
        (tmp_path, sfm.UsageError, "not a regular file"),
        (tmp_path / "none.pdf", sfm.NotFound, "does not exist"),
        (empty, sfm.UsageError, "is empty"),
        (large, sfm.UsageError, "has 100 bytes, and this program reads up to 99"),
    ):
        with pytest.raises(kind, match=words):
            sfm.calibrate(archive, UNIT, "2026-04-25", certificate=path)
    assert archive.history_head() == head


@pytest.mark.posix("permissions of files")
def test_a_certificate_that_may_not_be_read_is_a_sentence(archive: sfm.Archive, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    file = tmp_path / "c.pdf"
    file.write_bytes(b"%PDF")
    file.chmod(0)
    with pytest.raises(sfm.StorageFailed, match="cannot be read"):
        sfm.calibrate(archive, UNIT, "2026-04-25", certificate=file)


def test_corrections_and_withdrawals_count_and_stay(archive: sfm.Archive) -> None:
    save_waveform(archive, MAY)
    sfm.calibrate(archive, UNIT, "2026-04-25", valid="12months", lab="VMA")
    assert not sfm.calibrate(archive, UNIT, "2026-04-25", valid="12months", lab="VMA").new
    with pytest.raises(sfm.UsageError, match="--correct 1"):
        sfm.calibrate(archive, UNIT, "2026-04-25", valid="6months", lab="VMA")
    sfm.correct_calibration(archive, 1, valid="3days", reason="as the certificate says")
    (one,) = sfm.registered_units(archive)[0].stated
    assert (one.lab, one.valid_until, one.reason) == ("VMA", "2026-04-28", "as the certificate says")
    with pytest.raises(sfm.UsageError, match="would end before 2026-05-01"):
        sfm.correct_calibration(archive, 1, calibrated_on="2026-05-01", reason="x")
    with pytest.raises(sfm.UsageError, match=f"is of {UNIT}, not of {OTHER}"):
        sfm.withdraw_calibration(archive, 1, serial=OTHER, reason="x")
    sfm.withdraw_calibration(archive, 1, reason="x")
    assert sfm.registered_units(archive)[0].stated == ()
    with pytest.raises(sfm.NotFound, match="was withdrawn"):
        sfm.withdraw_calibration(archive, 1, reason="x")
    assert archive.verify().ok


@pytest.mark.parametrize(
    ("day", "rest", "error"),
    [
        ("2026-2-11", {}, "is no day"),
        ("11.2.2026", {}, "is no day"),
        ("2026-02-11", {"valid": "1year", "valid_until": "2027-01-01"}, "--valid or --valid-until"),
        ("2026-02-11", {"valid_until": "2026-02-11"}, "would never hold"),
    ],
)
def test_a_calibration_that_cannot_be_is_refused(
    archive: sfm.Archive, day: str, rest: dict[str, str], error: str
) -> None:
    with pytest.raises(sfm.UsageError, match=error):
        sfm.calibrate(archive, UNIT, day, **rest)


def test_what_reports_print_is_shown_as_printed(archive: sfm.Archive, tmp_path: Path) -> None:
    archive.import_from(REPORTS / "5m.TXT")
    (unit,) = sfm.registered_units(archive)
    assert [(one.text, one.day, one.events) for one in unit.printed] == [
        ("December 20, 2019 by Instantel", "2019-12-20", 1)
    ]
    assert unit.calibration is CalibrationState.UNKNOWN
    assert "2019-12-20" in unit.why
    assert archive.describe(1).calibration.why == unit.why
    checks = sfm.sensor_checks(archive, unit.serial)
    assert (checks[0].channel, checks[0].frequency, checks[0].result) == ("Tran", 7.7, "Passed")
    call = ["unit", str(archive.path), unit.serial]
    listed = CliRunner().invoke(main, call).stdout
    assert "as reports print it" in listed
    drawn = CliRunner().invoke(main, [*call, "--sensor-checks", "-o", str(tmp_path / "checks.svg"), "--json"])
    assert drawn.exit_code == 0, drawn.stderr
    assert len(json.loads(drawn.stdout)["sensor_checks"]) == len(checks)
    assert (tmp_path / "checks.svg").read_bytes().startswith(b"<?xml")


def test_the_command_says_one_thing_at_a_time(archive: sfm.Archive, tmp_path: Path) -> None:
    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["unit", str(archive.path), *words])
        return done.exit_code, done.stderr

    for words, error in (
        (["--lab", "VMA"], "what is that of?"),
        (["--calibrated", "2026-02-11"], "of which unit?"),
        ([UNIT, "--withdraw", "1", "--sensor-checks"], "say one thing"),
        ([UNIT, "-o", "x.png"], "give it with --sensor-checks"),
        ([UNIT, "--withdraw", "1"], "needs a reason"),
    ):
        code, said = run(*words)
        assert (code, error in said) == (2, True), said
    assert run(UNIT)[0] == 3
    assert run(UNIT, "--calibrated", "2026-02-11", "--dry-run")[0] == 0
    assert run(UNIT)[0] == 3
    assert run(UNIT, "--calibrated", "2026-02-11", "--by", "A. Miller")[0] == 0
    assert run(UNIT)[0] == 0
    assert run("--correct", "1", "--lab", "VMA", "--reason", "forgotten")[0] == 0
    assert run(UNIT, "--save-certificate", "1", str(tmp_path / "c.pdf"))[0] == 3


def test_a_report_marks_the_events_of_an_overdue_unit(archive: sfm.Archive) -> None:
    late, early = save_waveform(archive, MAY + timedelta(days=400)), save_waveform(archive, MAY, OTHER)

    def texts() -> list[str]:
        events = [judged_event(archive, recording_of(archive, one), LimitWords()) for one in (late, early)]
        table = EventsTable([line_of(one) for one in events], "a4", sfm.Selection())
        pages = [*table.draw(1, "now"), *EventPages(events[0], "a4").draw(1, 1, "now")]
        return [text.text for page in pages for text in page.texts]

    assert not any("alibration:" in text for text in texts())
    sfm.calibrate(archive, UNIT, "2026-04-25", valid="12months")
    found = texts()
    assert "Calibration: 1 overdue †, 1 unknown ‡" in found
    assert {f"{UNIT} †", f"{OTHER} ‡"} <= set(found)
    assert "overdue (stated: calibrated on" in found[found.index("Calibrated") + 1]


def test_a_calibration_in_the_future_is_refused(archive: sfm.Archive) -> None:
    late = f"{date.today().year + 2}-02-11"
    with pytest.raises(sfm.UsageError, match=f"{late} lies in the future"):
        sfm.calibrate(archive, UNIT, late)
    sfm.calibrate(archive, UNIT, "2026-02-11")
    with pytest.raises(sfm.UsageError, match=f"{late} lies in the future"):
        sfm.correct_calibration(archive, 1, calibrated_on=late, reason="typing error")


def test_a_calibration_of_a_unit_without_an_event_says_so_and_is_kept(archive: sfm.Archive) -> None:
    made = sfm.calibrate(archive, "BE77777", "2026-02-11")
    assert made.new
    assert "no event of BE77777 is in" in made.notes[0]

"""What a job's report lists above a limit that belongs to no blast of the period."""

from __future__ import annotations

from sfm_archive.reporting.period.report import JobReport, ReportedExceedance
from sfm_archive.reporting.period.wording import (
    NONE,
    beside_text,
    exceedance_text,
    false_trigger_text,
    frequencies_text,
    limits_text,
    moment_text,
    of_limit_text,
)
from sfm_archive.reporting.sheets import Column, Row, Sheets


def exceedance_pages(sheets: Sheets, report: JobReport) -> None:
    words = sheets.words
    sheets.heading(words.says("Above a limit, and of no blast of the period"))
    if not report.exceedances:
        sheets.paragraph(words.says("Nothing else was above a limit in the period."))
        return
    columns = [
        Column(words.says("Point")), Column(words.says("Event"), "right"),
        Column(words.says("Start of the event or interval")), Column(words.says("Type")),
        Column(words.says("Intervals above"), "right"), Column(words.says("Of what")),
        Column(words.says("Value"), "right"), Column(words.says("Frequency"), "right"),
        Column(words.says("Limit, {unit}", unit=report.unit), "right"), Column(words.says("Of limit"), "right"),
    ]  # fmt: skip
    below = words.says(
        "Intervals of histograms that hold the trigger of a waveform as loud of the same unit, or lie beside it, "
        "stand with that waveform: here, or with its blast."
    )
    sheets.table(columns, [_row(sheets, one, report.unit) for one in report.exceedances], below=[below])


def _row(sheets: Sheets, one: ReportedExceedance, unit: str) -> Row:
    words = sheets.words
    what = {"vibration": words.says("Vibration"), "airblast": words.says("Airblast")}[one.what]
    limit = limits_text(words, one.verdict, "dB(L)" if one.what == "airblast" else unit)
    return Row(
        [
            one.name,
            str(one.event_id),
            moment_text(words, one.at_local),
            words.known(one.record_type),
            NONE if one.intervals is None else words.whole(one.intervals),
            what,
            exceedance_text(words, one, unit),
            frequencies_text(words, one.verdict),
            f"{limit} dB(L)" if one.what == "airblast" else limit,
            of_limit_text(words, one.verdict),
        ],
        below="; ".join(filter(None, (beside_text(words, one.blasts), false_trigger_text(words, one.false_triggers)))),
    )

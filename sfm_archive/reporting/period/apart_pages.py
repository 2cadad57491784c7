"""What a job's report keeps apart: false triggers, what is undecided or not compared, and what it was made of."""

from __future__ import annotations

from sfm_archive.archive.provenance import UsedEvent
from sfm_archive.reporting.language import Language, phrase
from sfm_archive.reporting.period.report import JobReport, ReportedUndecided
from sfm_archive.reporting.period.wording import NONE, blast_text, moment_text
from sfm_archive.reporting.sheets import Column, Row, Sheets
from sfm_archive.reporting.words import NOT_BY_INSTANTEL

_WHAT = {
    "vibration": phrase("Vibration"),
    "airblast": phrase("Airblast"),
    "point": phrase("Point"),
    "day": phrase("Day"),
}


def apart_pages(sheets: Sheets, report: JobReport) -> None:
    _false_triggers(sheets, report)
    _undecided(sheets, report)
    _not_compared(sheets, report)


def _false_triggers(sheets: Sheets, report: JobReport) -> None:
    words = sheets.words
    sheets.heading(words.says("False triggers"))
    if not report.false_triggers:
        sheets.paragraph(words.says("No event of the period is marked as a false trigger."))
        return
    sheets.note(
        words.says(
            "Marked so by a review: counted as events; their records are in no value, outcome, share or chart before."
        )
    )
    columns = [
        Column(words.says("Event"), "right"), Column(words.says("Unit")), Column(words.says("Start of the event")),
        Column(words.says("Type")), Column(words.says("Point")), Column(words.says("Marked by")),
        Column(words.says("Why")),
    ]  # fmt: skip
    rows = []
    for one in report.false_triggers:
        blast = ""
        if one.in_blast:
            named = blast_text(words, one.in_blast, report.blast_name(one.in_blast))
            blast = words.says("confirmed for {blast} all the same", blast=named)
        if one.histograms:
            ids = ", ".join(map(str, one.histograms))
            counts = words.says("what it shows is in histogram {ids} too, which ran then and counts", ids=ids)
            blast = "; ".join(text for text in (blast, counts) if text)
        cells = [
            str(one.event_id), one.serial, moment_text(words, one.at_local), words.known(one.record_type),
            "; ".join(one.points) or NONE, one.by or NONE, one.why or NONE,
        ]  # fmt: skip
        rows.append(Row(cells, below=blast))
    sheets.table(columns, rows)


def _undecided(sheets: Sheets, report: JobReport) -> None:
    words = sheets.words
    sheets.heading(words.says("Undecided"))
    if not report.undecided:
        sheets.paragraph(words.says("Nothing is undecided."))
        return
    columns = [
        Column(words.says("Time"), whole=True), Column(words.says("Of what")), Column(words.says("Point")),
        Column(words.says("Undecided")), Column(words.says("Why")),
    ]  # fmt: skip
    rows = [
        Row(
            [
                moment_text(words, one.at_local) or NONE, _whose(words, report, one), one.point or NONE,
                words.says(_WHAT[one.what]), words.reason(one.why) or NONE,
            ]
        )
        for one in report.undecided
    ]  # fmt: skip
    sheets.table(columns, rows)


def _whose(words: Language, report: JobReport, one: ReportedUndecided) -> str:
    parts = [
        words.says("event {number}", number=str(one.event_id)) if one.event_id else "",
        blast_text(words, one.blast, report.blast_name(one.blast)) if one.blast else "",
    ]
    return ", ".join(filter(None, parts))


def _not_compared(sheets: Sheets, report: JobReport) -> None:
    words = sheets.words
    if not report.not_compared:
        return
    sheets.heading(words.says("Not compared with a limit"))
    columns = [
        Column(words.says("Of what")), Column(words.says("Events and parts of histograms"), "right"),
        Column(words.says("Why")),
    ]  # fmt: skip
    rows = [
        Row([words.says(_WHAT[one.what]), words.whole(one.events), words.reason(one.why) or NONE])
        for one in report.not_compared
    ]
    sheets.table(columns, rows)


def provenance_pages(sheets: Sheets, report: JobReport) -> None:
    words, origin = sheets.words, report.provenance
    sheets.heading(words.says("What this report was made of"))
    head = words.says(
        "{length} changes, the last {digest}", length=words.whole(origin.history_length), digest=origin.history_head
    )
    rows = [
        (words.says("Archive"), origin.archive_id),
        (words.says("History"), head),
        (words.says("Encoder"), origin.encoder),
        (words.says("Decoder"), origin.decoder),
        (words.says("Rules"), words.says("version {number}", number=str(origin.rules))),
        (words.says("Program"), origin.program),
    ]
    sheets.pairs([(name, text) for name, text in rows if text])
    sheets.note(words.says(NOT_BY_INSTANTEL))
    if not origin.events:
        return
    sheets.y += 2.0
    columns = [
        Column(words.says("Event"), "right"), Column(words.says("Unit")), Column(words.says("Recorded"), whole=True),
        Column(words.says("What was used"), whole=True), Column("SHA-256"),
    ]  # fmt: skip
    sheets.table(columns, [row for event in origin.events for row in _used(words, event)])


def _used(words: Language, event: UsedEvent) -> list[Row]:
    first = [str(event.event_id), event.serial, moment_text(words, event.recorded_at_local)]
    if not event.used:
        return [Row([*first, event.name or NONE, NONE])]
    return [
        Row([*(first if not number else ("", "", "")), words.told(one.what), one.sha256])
        for number, one in enumerate(event.used)
    ]

"""One event on one picture: traces or bars, spectra where asked, the compliance chart with its verdicts."""

from __future__ import annotations

from sfm_archive.analysing import Recording
from sfm_archive.errors import UsageError
from sfm_archive.model.reading_text import reading_text
from sfm_archive.reporting.chart import draw_chart
from sfm_archive.reporting.event_facts import false_trigger_note, levels_note
from sfm_archive.reporting.judged import JudgedEvent
from sfm_archive.reporting.language import Language
from sfm_archive.reporting.lettering import text_width
from sfm_archive.reporting.page import Box, Page, without_font_text
from sfm_archive.reporting.picture_file import picture_bytes
from sfm_archive.reporting.style import ALARM, FAINT
from sfm_archive.reporting.traces import draw_record
from sfm_archive.reporting.verdicts import draw_verdicts
from sfm_archive.reporting.words import note_texts, recorded_as_text, utc_text

_WIDTH, _HEIGHT = 280.0, 208.0
_LEFT = 24.0
_RECORD_TOP, _RECORD_END = 26.0, 120.0


def plot_event(
    event: JudgedEvent, file_format: str, *, fft: bool = False, words: Language | None = None
) -> tuple[bytes, str]:
    """The picture as PNG, SVG or PDF, in English without `words`, and the signs that no font of this computer has.
    Raises UsageError where nothing was decoded, or another format is asked for, Damaged where its stored bytes are."""
    recording = event.recording
    if recording.traces is None and recording.histogram is None:
        raise recording.undecoded(f"event {recording.event_id} cannot be plotted: {recording.why_not}", UsageError)
    title = f"{recording.title} {recording.name}".strip()
    page = draw_event(event, fft=fft, words=words)
    return picture_bytes(page, file_format, title), "".join(page.missing)


def draw_event(event: JudgedEvent, *, fft: bool, words: Language | None = None) -> Page:
    page, recording = Page(_WIDTH, _HEIGHT, words), event.recording
    top = max(_RECORD_TOP, _header(page, recording) + 4.5)
    draw_record(page, recording, Box(_LEFT, top, page.right, _RECORD_END), fft=fft)
    draw_chart(page, event, Box(_LEFT, 137.0, _LEFT + 130.0, 194.0))
    draw_verdicts(page, event, Box(_LEFT + 139.0, 138.5, page.right, page.height - 6))
    if page.missing:
        page.text(_LEFT, page.height - 1.6, without_font_text(page), size=6.0, colour=FAINT, most=page.right - _LEFT)
    return page


def _header(page: Page, recording: Recording) -> float:
    """What the picture is of; where the next line would be."""
    words = page.language
    name = f"{recording.event.serial}   {recording.name}   {words.term(recording.event.record_type)}"
    page.text(_LEFT, 9, name, size=12, bold=True)
    decoder = words.says("traces and their peaks by {decoder}", decoder=recording.provenance.decoder)
    page.text(page.right, 9, decoder, size=8, colour=FAINT, align="right")
    moment = words.moment(recording.start)
    when = words.says("recorded {moment} (device-local)", moment=moment)
    if before := recorded_as_text(recording, words):
        when = words.says("recorded {moment} (device-local; recorded as {before})", moment=moment, before=before)
    if recording.utc.utc is not None:
        when += f"  =  {utc_text(recording, words)} ({recording.zone})"
    page.text(_LEFT, 14, when, size=8, colour=FAINT)
    if recording.assumed:
        told = words.says("assumed: {what}", what=", ".join(map(words.told, recording.assumed)))
        page.text(page.right, 14, told, size=7, colour=FAINT, align="right")
    y, most = 18.0, page.right - _LEFT
    note = false_trigger_note(recording, words)
    if note:
        y = page.paragraph(_LEFT, y, note, most=most, size=8, colour=ALARM, bold=True, lines=1)
    if levels := levels_note(recording, words):
        level = words.reading(reading_text(recording.best("pspl", "MicL")))
        y = page.paragraph(_LEFT, y, f"MicL {level}   {levels}", most=most, size=8, colour=FAINT, lines=1)
    notes = "   ·   ".join(note_texts(recording, words).values())
    # Two lines of smaller letters stand where one of the usual does not do.
    size, lines = (8.0, 1) if text_width(notes, 8) <= most else (6.5, 2)
    return page.paragraph(_LEFT, y, notes, most=most, size=size, lines=lines)

"""The page of one event: its recording, spectrum and limit chart, the numbers with their sources, files and history."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from sfm_archive.analysing import Recording, recording_of
from sfm_archive.analysing.one_interval import one_interval
from sfm_archive.archive import Archive
from sfm_archive.archive.describing import EventDescription
from sfm_archive.archive.event_sections import event_sections, identity_pairs
from sfm_archive.base.plain import to_plain
from sfm_archive.errors import UsageError
from sfm_archive.limits.limit_words import LimitWords
from sfm_archive.model.reading_text import number_text, reading_text
from sfm_archive.model.readings import ValueState
from sfm_archive.model.units import GeoUnit
from sfm_archive.reporting.chart import draw_chart
from sfm_archive.reporting.event_facts import false_trigger_note
from sfm_archive.reporting.judged import JudgedEvent, judged_event
from sfm_archive.reporting.language import ENGLISH, language
from sfm_archive.reporting.page import Box, Page
from sfm_archive.reporting.svg_page import svg_of
from sfm_archive.reporting.traces import draw_record, draw_spectra
from sfm_archive.reporting.verdicts import draw_verdicts, limit_sources, outcome_text
from sfm_archive.reporting.words import airblast_text, assumed_text
from sfm_archive.waveforms import Traces
from sfm_archive.web.address import known_words, limits_asked_for, number_asked, unit_asked
from sfm_archive.web.marking import forms_for
from sfm_archive.web.samples import PARTS, plain_samples
from sfm_archive.web.site import limits_of, page, preferences_of, served_of, unit_of, with_words

_WIDE, _RECORD, _SPECTRA, _CHART = 250.0, 112.0, 100.0, 66.0
_GAP = 4.0
_FARTHEST = 1 << 31


class EventParts(NamedTuple):
    """What the page of an event has. `record`, `spectra`, `chart`: pictures as SVG, '' where nothing can be drawn;
    `samples`: for the viewer, None as they; `why_not`: why; `verdicts`: what the limits say, in sentences."""

    described: EventDescription
    record: str
    spectra: str
    chart: str
    samples: dict[str, Any] | None
    why_not: str
    warnings: Sequence[str]
    mark: str
    verdicts: Sequence[str]
    title: str
    interval: ShownInterval | None


class ShownInterval(NamedTuple):
    """One interval of a histogram: its number from 1 on, its times, '' where these are not known, and its channels."""

    number: int
    since: str
    until: str
    channels: Sequence[Mapping[str, object]]


def shown(request: Request) -> Response:
    """The page."""
    served, query = served_of(request), request.query_params
    known_words(query)
    with served.reading() as archive:
        preferences = preferences_of(archive, served)
        words = limits_of(preferences, limits_asked_for(query))
        unit, interval = unit_of(preferences, unit_asked(query)), number_asked(query, "interval", 0, _FARTHEST)
        parts = parts_of_event(archive, request.path_params["event"], words, unit, interval=interval)
        forms = forms_for(request, archive, parts.described.place.job)
    units = with_words({"units": query.get("units", "")})
    values = template_values(parts)
    return page(
        request, "event.html", served=served, **values, query=query, forms=forms, units=f"{units}&" if units else ""
    )


def template_values(parts: EventParts) -> dict[str, Any]:
    """What the template of the page needs, whether it is served or written into a file."""
    whole = to_plain(parts.described)
    return {
        "event": whole["event"],
        "files": whole["files"],
        "has_frames": bool(whole["frames"]),
        "parts": parts,
        "pairs": identity_pairs(whole, parts.described.place.told),
        "sections": event_sections(whole),
        "record": Markup(parts.record),  # noqa: S704 - drawn by svg_page, which escapes every text
        "spectra": Markup(parts.spectra),  # noqa: S704
        "chart": Markup(parts.chart),  # noqa: S704
        "data": json_block(parts.samples),
        "interval": parts.interval,
    }


def json_block(value: Any) -> Markup:
    """A value as JSON that stands in an element of a page: nothing in it can end the element."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 - no sign of HTML is left in it


def parts_of_event(
    archive: Archive, event_id: int, words: LimitWords, unit: GeoUnit | None, *, parts: int = PARTS, interval: int = 0
) -> EventParts:
    """Everything about one event. `parts`: of its samples; `interval`: the number of one, 0 for none. Raises
    EventNotFound, UsageError for limits that are none."""
    described = archive.describe(event_id)
    recording = recording_of(archive, described.event.event_id, unit)
    judged = judged_event(archive, recording, words)
    has_samples = recording.traces is not None or recording.histogram is not None
    assumed = assumed_text(recording)
    return EventParts(
        described=described,
        record=_record(recording) if has_samples else "",
        spectra="" if recording.traces is None else _spectra(recording, recording.traces),
        chart=_chart(judged) if has_samples or judged.summary.ppv_nm_s is not None else "",
        samples=plain_samples(recording, parts),
        why_not="" if has_samples else recording.why_not or "no samples were received of it",
        warnings=[*recording.warnings, *([f"assumed: {assumed}"] if assumed else [])],
        mark=false_trigger_note(recording, language(ENGLISH)),
        verdicts=_verdicts(judged),
        title=f"{recording.title} {recording.name}".strip(),
        interval=_interval(recording, interval) if interval else None,
    )


def _interval(recording: Recording, number: int) -> ShownInterval:
    found = one_interval(recording, number)
    channels = [
        {
            "name": peak.channel,
            "peak": number_text(peak),
            "unit": peak.unit,
            "hertz": reading_text(hertz),
            "over": peak.state is ValueState.OVER_RANGE,
        }
        for peak, hertz in zip(found.peaks, found.frequencies, strict=True)
    ]
    return ShownInterval(number, str(found.since or ""), str(found.until or ""), channels)


def _record(recording: Recording) -> str:
    sheet = Page(_WIDE, _RECORD)
    draw_record(sheet, recording, Box(22.0, 7.0, _WIDE - 4.0, _RECORD - 13.0))
    return svg_of(sheet, f"Recording of {recording.title}: each channel over time")


def _spectra(recording: Recording, traces: Traces) -> str:
    """Below each other; '' where a channel has impossible numbers, and so no spectrum."""
    sheet, rows = Page(_WIDE, _SPECTRA), len(traces.channels)
    high = (_SPECTRA - 17.0 - _GAP * (rows - 1)) / rows
    tops = [5.0 + row * (high + _GAP) for row in range(rows)]
    try:
        draw_spectra(sheet, traces, [Box(22.0, top, _WIDE - 16.0, top + high) for top in tops])
    except UsageError:
        return ""
    return svg_of(sheet, f"Amplitude spectrum of each channel of {recording.title}")


def _chart(judged: JudgedEvent) -> str:
    sheet = Page(_WIDE, _CHART)
    draw_chart(sheet, judged, Box(22.0, 4.0, 125.0, _CHART - 12.0))
    draw_verdicts(sheet, judged, Box(134.0, 6.0, _WIDE - 4.0, _CHART - 2.0))
    return svg_of(sheet, "Peaks over their frequency, and limits")


def _verdicts(judged: JudgedEvent) -> list[str]:
    words = language(ENGLISH)
    airblast = airblast_text(judged, words)
    vibration = outcome_text(judged, words)
    return [f"Vibration: {vibration}", *([airblast] if airblast else []), limit_sources(judged.limits, words)]

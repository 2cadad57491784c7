"""Everything about one event in pairs and tables, as `sfm show` prints them and a page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sfm_archive.base.columns import Column, Section
from sfm_archive.model.decode_settings import ASSUMED, SETTING_QUANTITIES
from sfm_archive.model.magnitudes import is_raised, vector_sum_of
from sfm_archive.model.precedence import SOURCES
from sfm_archive.model.reading_text import reading_text
from sfm_archive.model.readings import STATED_QUANTITIES, Reading, ValueSource, ValueState, value_source


def identity_pairs(whole: dict[str, Any], place: str) -> list[tuple[str, object]]:
    """Which event it is. `whole`: a description as plain values; `place`: where it was recorded, in words."""
    event = whole["event"]
    return [
        ("event", event["event_id"]),
        *[("also event", f"{one['was_event']}, known by {one['name']} alone") for one in whole["same_events"]],
        ("serial", event["serial"]),
        ("recorded (device-local)", event["recorded_at_local"].replace("T", " ")),
        *_corrected_start(event),
        ("time zone", event["time_zone"]),
        ("recorded (UTC, derived)", _derived(event)),
        ("type", event["record_type"]),
        *([("where", place)] if place else []),
        ("start key", event["start_key"] or "unknown"),
        ("name", event["name"] or "none"),
        ("received names", ", ".join(event["received_names"]) or "none"),
        ("computed names", _computed(event)),
        ("first received (UTC)", event["received_at_utc"]),
        ("calibration then", f"{whole['calibration']['state']} ({whole['calibration']['why']})"),
    ]


def event_sections(whole: dict[str, Any]) -> list[Section]:
    """What is below that, part by part."""
    parts = []
    if whole["corrections"]:
        rows = [_cells(_CORRECTION_COLUMNS, one) for one in whole["corrections"]]
        parts.append(_section("corrections", _CORRECTION_COLUMNS, rows))
    for title, columns in _TABLES:
        parts.append(_section(title, columns, [_cells(columns, item) for item in whole[title]]))
    parts += _values(whole["readings"])
    findings: list[tuple[object, ...]] = []
    for made in whole["encodings"]:
        findings += [_finding(f"{made['encoder']}, revision {made['revision']}", found) for found in made["findings"]]
    findings += [_finding("on receipt", found) for found in whole["findings"]]
    findings += [_finding("in the samples", found) for found in whole["sample_findings"]]
    parts.append(_section("findings", _FINDING_COLUMNS, findings))
    parts.append(_section("history", _HISTORY_COLUMNS, [_change(item) for item in whole["history"]]))
    return parts


_TABLES = (
    (
        "frames",
        (
            Column("revision", "revision", number=True),
            Column("whole", "whole"),
            Column("frames", "frame_count", number=True),
            Column("bytes", "size", number=True),
            Column("received (UTC)", "received_at_utc"),
            Column("SHA-256", "sha256"),
        ),
    ),
    (
        "encodings",
        (
            Column("encoder", "encoder"),
            Column("revision", "revision", number=True),
            Column("outcome", "outcome"),
            Column("bytes", "size", number=True),
            Column("package", "distribution"),
            Column("version", "distribution_version"),
            Column("first made (UTC)", "encoded_at_utc"),
            Column("handed over (UTC)", "last_reproduced_at_utc"),
            Column("SHA-256", "sha256"),
        ),
    ),
    (
        "files",
        (
            Column("kind", "kind"),
            Column("name", "name"),
            Column("bytes", "size", number=True),
            Column("received (UTC)", "received_at_utc"),
            Column("SHA-256", "sha256"),
        ),
    ),
)
_WHAT = (Column("quantity", "quantity"), Column("channel", "channel"))
_NOTE_COLUMNS = (Column("quantity", "quantity"), Column("as written", "text"), Column("source", "source"))
_READING_COLUMNS = (
    Column("source", "source"),
    Column("read by", "reader"),
    Column("values", "values", number=True),
    Column("SHA-256 of what was read", "origin_sha256"),
)
_CORRECTION_COLUMNS = (
    Column("number", "number", number=True),
    Column("of", "subject"),
    Column("right", "right"),
    Column("recorded as", "recorded"),
    Column("by", "decided_by"),
    Column("reason", "reason"),
)
_FINDING_COLUMNS = (
    Column("found by", "found_by"),
    Column("severity", "severity"),
    Column("code", "code"),
    Column("what", "message"),
)
_HISTORY_COLUMNS = (
    Column("change", "sequence", number=True),
    Column("at (UTC)", "at_utc"),
    Column("by", "actor"),
    Column("with", "tool"),
    Column("action", "action"),
    Column("what", "what"),
)


def _values(readings: list[dict[str, Any]]) -> list[Section]:
    """What each source says side by side, its newest value of each quantity; then what operators typed, and who read
    what."""
    measured: dict[tuple[str, str], dict[str, str]] = {}
    stated: dict[tuple[str, str, str], str] = {}
    for reading in readings:
        for value in reading["values"]:
            quantity, channel, source = value["quantity"], value["channel"], reading["source"]
            text = f"{_value_text(value, source)}{' *' if value['counts'] else ''}"
            if quantity in STATED_QUANTITIES and not channel:
                stated[quantity, channel, source] = text
            else:
                measured.setdefault((quantity, channel), {})[source] = text
    used = {source for texts in measured.values() for source in texts}
    sources = [source for source in SOURCES if source in used]
    columns = (*_WHAT, *(Column(source, source) for source in sources))
    rows = [(*what, *(measured[what].get(source, "") for source in sources)) for what in sorted(measured)]
    texts = [(quantity, text, source) for (quantity, _, source), text in sorted(stated.items())]
    read = [(one["source"], one["reader"], len(one["values"]), one["origin_sha256"]) for one in readings]
    return [
        _section("values (* counts)", columns, rows, _impossible_vector_sum(readings)),
        _section("notes (* counts)", _NOTE_COLUMNS, texts),
        _section("readings", _READING_COLUMNS, read),
    ]


def _impossible_vector_sum(readings: list[dict[str, Any]]) -> list[str]:
    """The sentence for a vector sum that counts and is below the greatest peak that does."""
    values = {
        (value["quantity"], value["channel"]): _reading(value, reading["source"])
        for reading in readings
        for value in reading["values"]
        if value["counts"]
    }
    told, counted = values.get(("pvs", "")), vector_sum_of(values)
    if not is_raised(told, counted):
        return []
    return [f"pvs: {reading_text(told)} is below the greatest peak, which no vector sum is: {reading_text(counted)}"]


def _reading(value: dict[str, Any], source: str) -> Reading:
    own = {name: value[name] for name in ("quantity", "channel", "number", "unit", "text")}
    return Reading(**own, state=ValueState(value["state"]), source=value_source(source))


def _value_text(value: dict[str, Any], source: str) -> str:
    text = reading_text(_reading(value, source))
    if value["text"] == ASSUMED:
        return f"{text} (assumed)"
    is_setting = source == ValueSource.DECODER and value["quantity"] in SETTING_QUANTITIES
    return f"{text} ({value['text']})" if is_setting and value["text"] not in text else text


def _change(item: dict[str, Any]) -> tuple[object, ...]:
    decided = f", says {item['decided_by']}: {item['reason']}" if item["decided_by"] or item["reason"] else ""
    return _cells(_HISTORY_COLUMNS, {**item, "what": item["what"] + decided})


def _cells(columns: tuple[Column, ...], item: dict[str, Any]) -> tuple[object, ...]:
    return tuple(_cell(item[column.name]) for column in columns)


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else value


def _section(
    title: str, columns: tuple[Column, ...], rows: Sequence[tuple[object, ...]], notes: Sequence[str] = ()
) -> Section:
    return Section(title, columns, tuple(rows), tuple(notes))


def _computed(event: dict[str, Any]) -> str:
    names = (("call-home", event["call_home_name"]), ("manual", event["manual_name"]))
    if names[0][1] == names[1][1]:
        return names[0][1] or "none for this serial or time"  # a Micromate has one
    return ", ".join(f"{name} ({style})" for style, name in names if name) or "none for this serial or time"


def _finding(found_by: str, found: dict[str, Any]) -> tuple[object, ...]:
    return found_by, found["severity"], found["code"], found["message"]


def _corrected_start(event: dict[str, Any]) -> list[tuple[str, str]]:
    """When it began, where that is another time than recorded."""
    if event["start_local"] == event["recorded_at_local"]:
        return []
    return [("began (corrected)", event["start_local"].replace("T", " "))]


def _derived(event: dict[str, Any]) -> str:
    if event["derived_utc"] is None:
        return "unknown: no zone is stated (sfm zones ARCHIVE SERIAL ZONE)"
    certain = event["utc_certainty"] == "certain"
    return f"{event['derived_utc']}" if certain else f"{event['derived_utc']} (uncertain: {event['utc_certainty']})"

"""`sfm show`: everything about one event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.cli.completers import complete_events
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, json_option
from sfm_archive.cli.output import Column, OutputFormat, emit, emit_json, pairs, table
from sfm_archive.model.precedence import SOURCES, values_that_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfm_archive.archive import Archive
    from sfm_archive.exporting.handover import LastMade
    from sfm_archive.model.documents import ReadingSet
    from sfm_archive.model.readings import Reading
    from sfm_archive.storage.events import EventRow


@click.command("show")
@archive_to_read
@click.argument("event", metavar="EVENT", shell_complete=complete_events)
@json_option
def command(access: Access, event: str, output: OutputFormat) -> None:
    """Show everything about one event.

    Identity, frames, encodings, files, values, findings, history. Values of every source stand side by side; `*` marks
    the one that counts. EVENT is an id or the name of an event file, received or computed.

    \b
    Examples:
      sfm show quarry.sfm 17
      sfm show quarry.sfm M529LKIQ.7M0W --json
    """
    with access.to_read() as archive:
        whole = describe(archive, archive.find(event))
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), **whole})
    else:
        emit(_text(whole))


def describe(archive: Archive, row: EventRow) -> dict[str, Any]:
    """Everything the archive holds about an event, as plain values."""
    from sfm_archive.archive.reading import names_of, readings_of, zone_of
    from sfm_archive.exporting.handover import last_made
    from sfm_archive.formats.blastware.names import NameStyle
    from sfm_archive.model.zones import derived_utc

    zone = zone_of(archive.store, row)
    revisions = archive.revisions(row.event_id)
    hashes = {frames.revision: frames.sha256 for frames in revisions}
    again = last_made(archive, row.event_id)
    utc = derived_utc(row.event().recorded_at, zone)
    documents = readings_of(archive.store, [row.event_id]).get(row.event_id, [])
    counting = values_that_count(value for document in documents for value in document.readings)
    return {
        "event": {
            "event_id": row.event_id,
            "serial": row.serial,
            "recorded_at_local": row.recorded_at_local,
            "time_zone": zone,
            "derived_utc": None if utc.utc is None else f"{utc.utc:%Y-%m-%dT%H:%M:%SZ}",
            "utc_certainty": utc.certainty.value,
            "record_type": row.record_type,
            "start_key": row.start_key,
            "received_at_utc": row.received_at_utc,
            "name": archive.name_of(row),
            "received_names": names_of(archive.store, row.event_id),
            "call_home_name": archive.name_of(row, NameStyle.CALL_HOME),
            "manual_name": archive.name_of(row, NameStyle.MANUAL),
            "current_revision": row.revision,
        },
        "frames": [
            {
                "revision": frames.revision,
                "whole": bool(frames.whole),
                "frame_count": frames.frame_count,
                "size": frames.logical_size,
                "stored_size": frames.stored_size,
                "sha256": frames.sha256,
                "received_at_utc": frames.received_at_utc,
            }
            for frames in revisions
        ],
        "encodings": [
            {
                "encoder": str(made.encoder),
                "revision": made.revision,
                "frames_sha256": hashes.get(made.revision, ""),
                "outcome": made.outcome,
                "size": made.size,
                "sha256": made.sha256,
                "distribution": made.distribution,
                "distribution_version": made.distribution_version,
                "encoded_at_utc": made.encoded_at_utc,
                **_last_made(again.get((made.revision, str(made.encoder)))),
                "findings": [finding.as_dict() for finding in made.findings],
            }
            for made in archive.encodings(row.event_id)
        ],
        "files": [
            {
                "file_id": file.file_id,
                "kind": file.kind,
                "name": file.name,
                "folder": file.folder,
                "size": file.size,
                "sha256": file.sha256,
                "reproduced_by": file.reproduced_by,
                "received_at_utc": file.received_at_utc,
            }
            for file in archive.files(row.event_id)
        ],
        "values": [{**counting[what].as_dict(), "source": counting[what].source} for what in sorted(counting)],
        "readings": _readings(documents, counting),
        "findings": [finding.as_dict() for finding in archive.findings(row.event_id)],
        "history": [
            {
                "sequence": change.sequence,
                "at_utc": change.at_utc,
                "actor": change.actor,
                "tool": change.tool,
                "action": change.action,
                "detail": json.loads(change.detail),
                "sha256": change.sha256,
            }
            for change in archive.history(row.event_id)
        ],
    }


def _readings(documents: Sequence[ReadingSet], counting: Mapping[tuple[str, str], Reading]) -> list[dict[str, Any]]:
    """Every document's values, oldest first."""
    return [
        {
            "source": document.source.value,
            "reader": document.reader,
            "origin_sha256": document.origin_sha256,
            "values": [
                {**one.as_dict(), "counts": counting[one.quantity, one.channel] is one} for one in document.readings
            ],
        }
        for document in documents
    ]


def _last_made(again: LastMade | None) -> dict[str, Any]:
    return {
        "last_handover": None if again is None else again.number,
        "last_reproduced_at_utc": None if again is None else again.at_utc,
    }


def _text(whole: dict[str, Any]) -> str:
    event = whole["event"]
    parts = [
        pairs(
            [
                ("event", event["event_id"]),
                ("serial", event["serial"]),
                ("recorded (device-local)", event["recorded_at_local"].replace("T", " ")),
                ("time zone", event["time_zone"]),
                ("recorded (UTC, derived)", _derived(event)),
                ("type", event["record_type"]),
                ("start key", event["start_key"] or "unknown"),
                ("name", event["name"] or "none"),
                ("received names", ", ".join(event["received_names"]) or "none"),
                ("computed names", _computed(event)),
                ("first received (UTC)", event["received_at_utc"]),
            ]
        )
    ]
    for title, columns in _TABLES:
        parts.append(_section(title, columns, [_cells(columns, item) for item in whole[title]]))
    parts += _values(whole["readings"])
    findings: list[tuple[object, ...]] = []
    for made in whole["encodings"]:
        findings += [_finding(f"{made['encoder']}, revision {made['revision']}", found) for found in made["findings"]]
    findings += [_finding("on receipt", found) for found in whole["findings"]]
    parts.append(_section("findings", _FINDING_COLUMNS, findings))
    parts.append(_section("history", _HISTORY_COLUMNS, [_cells(_HISTORY_COLUMNS, item) for item in whole["history"]]))
    return "\n\n".join(parts)


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
)


def _values(readings: list[dict[str, Any]]) -> list[str]:
    """What each source says side by side, its newest value of each quantity; then what operators typed, and who read
    what."""
    from sfm_archive.model.readings import STATED_QUANTITIES

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
        _section("values (* counts)", columns, rows),
        _section("notes (* counts)", _NOTE_COLUMNS, texts),
        _section("readings", _READING_COLUMNS, read),
    ]


def _value_text(value: dict[str, Any], source: str) -> str:
    from sfm_archive.archive.results import ASSUMED
    from sfm_archive.model.reading_text import reading_text
    from sfm_archive.model.readings import Reading, ValueSource, ValueState

    own = {name: value[name] for name in ("quantity", "channel", "number", "unit", "text")}
    text = reading_text(Reading(**own, state=ValueState(value["state"]), source=ValueSource(source)))
    return f"{text} (assumed)" if value["text"] == ASSUMED else text


def _cells(columns: tuple[Column, ...], item: dict[str, Any]) -> tuple[object, ...]:
    return tuple(_cell(item[column.name]) for column in columns)


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else value


def _section(title: str, columns: tuple[Column, ...], rows: Sequence[tuple[object, ...]]) -> str:
    return f"{title}\n{table(columns, rows, indent='  ')}" if rows else f"{title}\n  none"


def _computed(event: dict[str, Any]) -> str:
    names = (("call-home", event["call_home_name"]), ("manual", event["manual_name"]))
    return ", ".join(f"{name} ({style})" for style, name in names if name) or "none for this serial or time"


def _finding(found_by: str, found: dict[str, Any]) -> tuple[object, ...]:
    return found_by, found["severity"], found["code"], found["message"]


def _derived(event: dict[str, Any]) -> str:
    if event["derived_utc"] is None:
        return "unknown: no zone is stated (sfm zones ARCHIVE SERIAL ZONE)"
    certain = event["utc_certainty"] == "certain"
    return f"{event['derived_utc']}" if certain else f"{event['derived_utc']} (uncertain: {event['utc_certainty']})"

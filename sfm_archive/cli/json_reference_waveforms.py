"""What `--json` prints of the commands that decode: `json_reference` adds these to its own."""

from __future__ import annotations

from sfm_archive.cli.json_keys import value_keys

_FINDINGS = {
    "findings[].code": "a stable word for programs",
    "findings[].severity": "`note`, `warning` or `refusal`",
    "findings[].message": "a sentence for people",
    "findings[].start?": "first offset it is about, counted from event memory's first byte",
    "findings[].end?": "first offset behind it",
}


def _samples(prefix: str) -> dict[str, str]:
    return {
        f"{prefix}.agree": "whether all channels agree in all rows",
        f"{prefix}.rows_decoded": "samples per channel that were decoded",
        f"{prefix}.rows_reported": "rows of the report's table",
        f"{prefix}.only_decoded": "channels that the report lacks; that is no difference",
        f"{prefix}.only_reported": "channels that were not decoded",
        f"{prefix}.channels[].channel": "the channel",
        f"{prefix}.channels[].unit": "unit of the report's column",
        f"{prefix}.channels[].compared": "rows compared",
        f"{prefix}.channels[].differing": "rows that differ by more than half a printed unit",
        f"{prefix}.channels[].first": "the first of them, from 0, or null",
        f"{prefix}.channels[].largest": "largest difference of two numbers",
    }


def _greatest(name: str, text: str) -> dict[str, str]:
    return {
        f"groups[].{name}?": f"null where no {text} is known; otherwise an object with these keys:",
        f"groups[].{name}.number": f"greatest {text}, null where the unit gave no number",
        f"groups[].{name}.unit": "its unit",
        f"groups[].{name}.state": "`over-range` stands above every number",
        f"groups[].{name}.channel": "the channel, or empty",
        f"groups[].{name}.source": "whose value it is",
        f"groups[].{name}.event_id": "the event",
    }


_QUANTITIES = {
    **value_keys("quantities[].computed"),
    **value_keys("quantities[].reported"),
    "quantities[].difference": "computed − reported in the reported unit, or null",
    "quantities[].rounding": "half a printed unit",
    "quantities[].agrees": "whether the two agree",
}

WAVEFORM_KEYS: dict[str, dict[str, str]] = {
    "analyse": {
        "dry_run": "whether nothing was kept",
        "path": "path of the archive",
        "decoder": "the decoder, such as `waveform@1`",
        "stored": "number of readings added",
        "totals.analysed": "number of events decoded now",
        "totals.unchanged": "number of events decoded before from the same bytes and settings",
        "totals.nothing decoded": "number of events whose bytes gave no number",
        "totals.no bytes": "number of events known only by documents",
        "totals.damaged": "number of events whose stored bytes are not as recorded",
        "differing": "number of events with documents that say something else than the samples; then exit code 1",
        "items[].event_id": "the event",
        "items[].status": "one of the words in `totals`",
        "items[].source": "what was decoded, such as `frames revision 1`",
        "items[].message": "why there are no values, else empty",
        "items[].differs": "whether a document says something else than the samples",
        "items[].differences[].source": "whose value it is: `device record`, `report`, …",
        "items[].differences[].quantity": "what was measured",
        "items[].differences[].channel": "the channel, or empty",
        "items[].differences[].computed.number": "the decoded value, or null",
        "items[].differences[].computed.unit": "its unit",
        "items[].differences[].computed.state": "its state",
        "items[].differences[].reported.number": "the reported value, or null",
        "items[].differences[].reported.unit": "its unit",
        "items[].differences[].reported.state": "its state",
        "items[].differences[].reported.text": "as printed",
        "items[].differences[].difference": "computed − reported in the reported unit, or null",
        "items[].differences[].rounding": "half a printed unit",
        **_samples("items[].samples[]"),
        **{f"items[].{key}": text for key, text in _FINDINGS.items()},
    },
    "check-file": {
        "event_file": "the event file as given",
        "report_file": "the report as given",
        "agree": "whether all that was compared agrees; otherwise the exit code is 1",
        "verdict": "`agree`, `own text` (they agree, and sfm-archive made the report: that proves nothing), "
        "`other event`, `cut off`, `not understood`, `nothing compared` or `differ`",
        "decoder": "the decoder, such as `waveform@1`",
        "record_type": "what the body is: `waveform`, `histogram`, `monitor log` or `unknown`",
        "event_sha256": "hash of the event file",
        "report_sha256": "hash of the report",
        "assumed": "what the report does not tell and was assumed",
        "compared": "number of samples, cells and numbers compared",
        "identity": "sentences where the two are of different units or times",
        "cut_off": "sentences where one of the two seems not to be whole",
        "own_text": "whether sfm-archive made the report",
        "samples?": "null without a table of samples; otherwise an object with these keys:",
        **{f"{key}?": text for key, text in _samples("samples").items()},
        "intervals?": "null without rows of intervals; otherwise an object with these keys:",
        "intervals.agree?": "whether all cells agree",
        "intervals.rows_decoded?": "intervals decoded, after grouping",
        "intervals.rows_reported?": "rows of the report",
        "intervals.blocks_per_row?": "stored intervals in each row",
        "intervals.compared?": "number of cells compared",
        "intervals.differences[].row?": "the row, from 0",
        "intervals.differences[].channel?": "the channel",
        "intervals.differences[].quantity?": "`ppv` or `zc_frequency`",
        "intervals.differences[].computed?": "the decoded value, or null",
        "intervals.differences[].printed?": "as printed",
        **_QUANTITIES,
        **_FINDINGS,
    },
    "check-report": {
        "report_file": "the report as given",
        "agree": "whether all printed numbers come out of the samples; otherwise the exit code is 1",
        "verdict": "`agree`, `own text` (they come out, and sfm-archive made the report: that proves nothing), "
        "`cut off`, `not understood`, `nothing compared` or `differ`",
        "sha256": "hash of the report",
        "serial": "the unit, empty where the report does not say",
        "recorded_at": "device-local time, empty where the report does not say",
        "channels": "names of the table's columns",
        "rows": "samples of each channel",
        "sample_rate": "samples per second",
        "rewritten": "whether the samples, read as counts and written again, are the table byte for byte; null for a "
        "CSV",
        "cut_off": "sentences where the report seems not to be whole",
        "own_text": "whether sfm-archive made the report",
        **_QUANTITIES,
        **_FINDINGS,
    },
    "summary": {
        "archive": "path of the archive as given",
        "by": "what the events are grouped by",
        "limits": "names of the limit curves that were counted with",
        "airblast_limit": "name of the airblast limit that was counted with, null without `--limits`",
        "events": "number of events",
        "groups[].keys": "an object: what the group's events share",
        "groups[].events": "number of events",
        "groups[].waveforms": "of them waveforms",
        "groups[].histograms": "of them histograms",
        "groups[].false_triggers": "of them marked as false triggers; unless only such were selected, all that "
        "follows is without them",
        "groups[].over_range": "of the others those with a channel over range, the microphone included",
        "groups[].without_peaks": "of them without any peak",
        "groups[].exceeded": "of them with a geophone above a limit curve; 0 without `--limits`",
        "groups[].undecided": "of them that may be above a limit curve; 0 without `--limits`",
        "groups[].airblast_exceeded": "of them with a peak level above the airblast limit; 0 without `--limits`",
        "groups[].airblast_undecided": "of them whose level may be above the limit, being known as a range only; 0 "
        "without `--limits`",
        **_greatest("ppv", "peak particle velocity"),
        **_greatest("pvs", "vector sum"),
        **_greatest("pspl", "sound pressure level"),
    },
    "export-data": {
        "target": "the folder as given",
        "format": "what was written: the name of an exporter",
        "totals.written": "number of events of which a file is new",
        "totals.unchanged": "number of events whose files stood there already",
        "totals.different file in the way": "number of events not written because of a different file",
        "totals.no data": "number of events without data in this format",
        "totals.failed": "number of events on which the exporter broke, or whose stored bytes are damaged",
        "tables": "names of the tables of all events",
        "tables_in_the_way": "those of them not written because a different file stands there",
        "local_times": "number of events with device-local times in a format that knows UTC only",
        "items[].event_id": "the event",
        "items[].status": "one of the words in `totals`",
        "items[].paths": "its files, relative to the folder",
        "items[].message": "why there are none, else empty",
    },
}

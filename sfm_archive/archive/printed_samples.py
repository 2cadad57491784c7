"""The samples that a report prints, where an event has none of its own: half waves and frequencies of its table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sfm_archive.errors import SfmError
from sfm_archive.formats.reports.dialects import READERS, checked_dialect
from sfm_archive.formats.reports.received_text import ReceivedText
from sfm_archive.model.day_peaks import DayPeaks
from sfm_archive.model.readings import Reading, ValueSource
from sfm_archive.model.received import FileKind
from sfm_archive.model.summaries import stop_of
from sfm_archive.storage import files
from sfm_archive.waveforms import Traces, quantities_of, read_any_report
from sfm_archive.waveforms.day_pairs import days_of_traces
from sfm_archive.waveforms.table_rows import NO_WHOLE_TABLE

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive


class PrintedSamples(NamedTuple):
    """What a table of samples gives: `reader`, of its dialect; `sha256` of the report; `readings`: the frequency at
    each peak, which the report itself prints in fewer digits."""

    reader: str
    sha256: str
    readings: tuple[Reading, ...]
    days: tuple[DayPeaks, ...]
    stop_local: str


def printed_samples(
    archive: Archive, event_id: int, start: datetime, *, every_pair: bool = False
) -> PrintedSamples | None:
    """Of the newest kept report of an event that has a whole table of samples; None where none has. `start`:
    device-local. `every_pair`: the days have also the half waves that others outdo. A text is read a block at a
    time."""
    with archive.store.reading() as connection:
        received = files.of_kind(connection, [event_id], FileKind.REPORT.value).get(event_id, ())
    for file in reversed(received):
        try:
            text = ReceivedText(partial(archive.file_pieces, file, event_id))
            report = read_any_report(text)
            if report.samples is None or any(found.code in NO_WHOLE_TABLE for found in report.findings):
                continue
            traces = report.samples.traces()
        except SfmError:
            continue  # sfm verify says what is damaged; without a rate there are no frequencies
        quantities = quantities_of(traces)
        return PrintedSamples(
            reader=READERS[checked_dialect(text.head)],
            sha256=file.sha256,
            readings=tuple(_frequencies(quantities)),
            days=days_of_traces(traces, start, quantities, every_pair=every_pair),
            stop_local=_stop(traces, start),
        )
    return None


def _frequencies(quantities: tuple[Reading, ...]) -> Iterator[Reading]:
    for one in quantities:
        if one.quantity == "zc_frequency":
            yield replace(one, source=ValueSource.DECODER)


def _stop(traces: Traces, start: datetime) -> str:
    return stop_of(start, max(0.0, (traces.size - traces.pretrigger) / traces.sample_rate))

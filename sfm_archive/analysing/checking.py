"""One event file compared with the report that the vendor's software printed of it; no archive is needed."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from sfm_archive.archive.decoding import stated
from sfm_archive.base.plain import in_json
from sfm_archive.base.regular_files import read_file
from sfm_archive.errors import BadInput, NotFound, StorageFailed, UsageError
from sfm_archive.formats.blastware.event_file import describe_memory, inspect_event_file, memory_of_file
from sfm_archive.formats.reports.blastware_text import is_own_text
from sfm_archive.formats.reports.lines import HEADER_CUT, NUMBER_CONTRADICTION, NUMBER_NOT_READ
from sfm_archive.formats.reports.received_text import ReceivedText
from sfm_archive.formats.reports.wholeness import CUT_OFF
from sfm_archive.model.decode_settings import DEFAULT_DECODER, settings_from
from sfm_archive.model.eight_channels import EIGHT_CHANNEL
from sfm_archive.model.findings import Finding
from sfm_archive.model.timestamps import is_same_moment
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.waveforms import (
    compare_intervals,
    compare_quantities,
    compare_samples,
    histogram_quantities,
    quantities_of,
    read_any_report,
)
from sfm_archive.waveforms.compare import QuantityComparison, SampleComparison
from sfm_archive.waveforms.compare_intervals import IntervalComparison
from sfm_archive.waveforms.report_samples import Report
from sfm_archive.waveforms.table_rows import CELL_NOT_UNDERSTOOD, DOUBLED_COLUMN, LONG_TABLE
from sfm_archive.waveforms.thor import ThorReport

_LARGEST_EVENT_FILE = 64 * 1024 * 1024
LARGEST_REPORT = 1 << 30
"""Bytes of a text that is read a block at a time."""

_CUT_REPORT = (HEADER_CUT, LONG_TABLE, CUT_OFF, "row-count", "broken-row")
_NOT_UNDERSTOOD = (
    CELL_NOT_UNDERSTOOD, "value-not-understood", "unit-not-known", NUMBER_CONTRADICTION, NUMBER_NOT_READ,
)  # fmt: skip


class Agreement(StrEnum):
    """What a comparison proves. Only DIFFER speaks against the decoder, and only AGREE for it."""

    AGREE = "agree"
    OWN_TEXT = "own text"
    """They agree, but the report was made by this program: its own numbers were compared with themselves."""
    OTHER_EVENT = "other event"
    CUT_OFF = "cut off"
    """One of the two is not whole."""
    NOT_UNDERSTOOD = "not understood"
    """Numbers of the report were not understood or not read, or contradict each other, so that they could not be
    compared."""
    NOTHING = "nothing compared"
    DIFFER = "differ"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """An event file beside its report.

    `decoder`: by which it was decoded. `record_type`: what the body is. `assumed`: settings that the report does not
    give and that were assumed. `quantities`: every number that both have, none of an event file that is cut off.
    `samples`, `intervals`: the tables, None where the report has none or nothing was decoded. `identity`: sentences
    where serial or time of the two differ. `cut_off`: sentences where one of the two seems not to be whole. `own_text`:
    whether this program made the report. `findings`: of the decoder and of the report's reader.
    """

    event_sha256: str
    report_sha256: str
    decoder: str
    record_type: str
    assumed: tuple[str, ...]
    quantities: tuple[QuantityComparison, ...]
    samples: SampleComparison | None
    intervals: IntervalComparison | None
    identity: tuple[str, ...]
    cut_off: tuple[str, ...]
    own_text: bool
    findings: tuple[Finding, ...]

    @property
    @in_json("compared")
    def compared(self) -> int:
        """How many samples, intervals' cells and numbers were compared."""
        cells = sum(channel.compared for channel in self.samples.channels) if self.samples else 0
        cells += self.intervals.compared if self.intervals else 0
        return cells + len(self.quantities)

    @property
    @in_json("agree")
    def agree(self) -> bool:
        """Whether something was compared, all of it agrees, and the two are whole, of one event, and understood."""
        return (
            self.compared > 0
            and is_understood(self.findings)
            and not self.identity
            and not self.cut_off
            and all(quantity.agrees for quantity in self.quantities)
            and (self.samples is None or self.samples.agree)
            and (self.intervals is None or self.intervals.agree)
        )

    @property
    def without_table(self) -> bool:
        """Whether the report has no samples or intervals, so that only numbers were compared."""
        return self.samples is None and self.intervals is None

    @property
    @in_json("verdict")
    def agreement(self) -> Agreement:
        """What follows, the plainest reason first."""
        if self.identity:
            return Agreement.OTHER_EVENT
        same = all(quantity.agrees for quantity in self.quantities)
        if self.samples is not None and self.samples.nothing_compared and same and not self.cut_off:
            return Agreement.NOTHING
        return agreement_of(self, compared=self.compared)


class Compared(Protocol):
    """A comparison with a report: whether all of it agrees, and what else is known of the report."""

    @property
    def agree(self) -> bool: ...
    @property
    def own_text(self) -> bool: ...
    @property
    def cut_off(self) -> tuple[str, ...]: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...


def agreement_of(check: Compared, *, compared: int) -> Agreement:
    """What follows of a comparison with a report of the same event; `compared`: how many values both have."""
    if check.agree:
        return Agreement.OWN_TEXT if check.own_text else Agreement.AGREE
    if check.cut_off:
        return Agreement.CUT_OFF
    if not is_understood(check.findings):
        return Agreement.NOT_UNDERSTOOD
    return Agreement.DIFFER if compared else Agreement.NOTHING


def is_understood(findings: Iterable[Finding]) -> bool:
    """Whether every number of a report could be read, and none contradicts another one: one that could not, or does,
    was compared with nothing."""
    return not any(finding.code in _NOT_UNDERSTOOD for finding in findings)


def check_paths(event_file: Path, report: Path) -> FileCheck:
    """`check_file` of two files, which its errors name. Raises also NotFound, StorageFailed, and UsageError for a file
    that is larger than this program reads."""
    with readable(event_file, _LARGEST_EVENT_FILE):
        data = read_file(event_file)
    with readable(report, LARGEST_REPORT):
        return check_file(data, ReceivedText.in_file(report), names=(f"{event_file}: ", f"{report}: "))


def check_file(event_file: bytes, report: bytes | ReceivedText, *, names: tuple[str, str] = ("", "")) -> FileCheck:
    """Decode an event file and compare it with a report, sample by sample and number by number.

    The report is Blastware's ASCII text or THOR's CSV. Rate, pre-trigger and range are the report's. Raises BadInput
    where one of the two is not what it should be; `names`: what its sentence then begins with.
    """
    with naming(names[0]):
        memory = memory_of_file(event_file)
    text = ReceivedText.of(report) if isinstance(report, bytes) else report
    with naming(names[1]):
        printed = read_any_report(text)
        refuse_doubled_columns(printed)
    readings = printed.header.readings
    settings = settings_from(readings)
    table = printed.samples
    decoder = load_plugins().decoder(DEFAULT_DECODER)
    decoded = decoder.decode(memory, stated(settings, table.rows if table is not None and table.rows else None))
    samples: SampleComparison | None = None
    intervals: IntervalComparison | None = None
    quantities: tuple[QuantityComparison, ...] = ()
    file_cut, report_cut = _cut_file(event_file), cut_report(printed)
    # Of a file that is cut off nothing is known of the rest, in which a peak may be.
    numbers = () if file_cut else readings
    if decoded.waveform is not None:
        traces = decoded.waveform.traces(settings.range, settings.unit)
        if table is not None:
            samples = compare_samples(traces, table.without_last_row() if report_cut else table)
        quantities = compare_quantities(quantities_of(traces), numbers)
    elif decoded.histogram is not None:
        rows = printed.intervals
        if rows is not None and report_cut:
            rows = replace(rows, rows=rows.rows[:-1])
        told = int(settings.intervals or 0) if report_cut else 0
        intervals = None if rows is None else compare_intervals(decoded.histogram, rows, settings.range, told)
        computed = histogram_quantities(decoded.histogram, settings.range, settings.unit)
        quantities = compare_quantities(computed, numbers)
        settings = replace(settings, has_pretrigger=False)
    return FileCheck(
        event_sha256=hashlib.sha256(event_file).hexdigest(),
        report_sha256=text.sha256(),
        decoder=decoded.decoder,
        record_type=decoded.record_type.value,
        assumed=settings.assumed,
        quantities=quantities,
        samples=samples,
        intervals=intervals,
        identity=_identity(memory, printed.header.serial, printed.header.recorded_at),
        cut_off=(*file_cut, *report_cut),
        own_text=is_own_text(text.head),
        findings=(*decoded.findings, *printed.findings),
    )


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Bad input then begins with the name of its file."""
    try:
        yield
    except BadInput as error:
        raise BadInput(f"{name}{error}") from error


@contextmanager
def readable(path: Path, most: int) -> Iterator[None]:
    """Around the reading of a file. Raises NotFound, StorageFailed, UsageError where it has more than `most` bytes."""
    try:
        status = path.stat()
        # A pipe would hold us until somebody writes into it, and a device has no end.
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(f"{path} is not a regular file; nothing was read from it. Give the file itself")
        size = status.st_size
        if size > most:
            raise UsageError(
                f"{path} has {size:,} bytes, and this program reads up to {most:,} of such a file; give the right file"
            )
        yield
    except FileNotFoundError as error:
        raise NotFound(f"{path} does not exist; check the path") from error
    except OSError as error:
        raise StorageFailed(f"{path} cannot be read: {error.strerror}. Check that it is a file you may read") from error


def refuse_doubled_columns(printed: Report | ThorReport) -> None:
    """Raises BadInput for a table with two columns of one channel: which of them is the channel's, nothing tells."""
    for finding in printed.findings:
        if finding.code in (DOUBLED_COLUMN, EIGHT_CHANNEL):
            raise BadInput(finding.message)


def _cut_file(event_file: bytes) -> tuple[str, ...]:
    size = len(event_file)
    ends = [finding for finding in inspect_event_file(event_file) if finding.code == "size" and finding.start == size]
    return tuple(f"the event file is cut off: {finding.message}" for finding in ends)


def cut_report(printed: Report | ThorReport) -> tuple[str, ...]:
    """A sentence where a report seems not to be whole."""
    found = [finding.message for code in _CUT_REPORT for finding in printed.findings if finding.code == code]
    return tuple(found[:1])


def _identity(memory: bytes, serial: str | None, recorded_at: datetime | None) -> tuple[str, ...]:
    own = describe_memory(memory)
    found = []
    if own.serial and serial and own.serial != serial:
        found.append(f"the event file is of {own.serial}, the report of {serial}")
    if own.recorded_at is not None and not is_same_moment(recorded_at, own.recorded_at):
        found.append(f"the event file is of {own.recorded_at}, the report of {recorded_at}")
    return tuple(found)

"""`sfm analyse`: hold what documents say against the samples, and see to it that computed numbers are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sfm_archive.base.extras import require_extra
from sfm_archive.base.plain import to_plain
from sfm_archive.cli.numbers import WholeNumber
from sfm_archive.cli.opening import Access, changing
from sfm_archive.cli.options import Filters, archive_to_change, decoder_option, event_filters, json_option
from sfm_archive.cli.output import OutputFormat, counted, emit, emit_json, event_words, tell, tell_first, totals_table
from sfm_archive.cli.progress_bar import progress_on_terminal
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.analysing import AnalysisItem, AnalysisReport
    from sfm_archive.model.number_changes import NumberChange

_MOST_SHOWN = 50
_MOST_OF_ONE = 4


@click.command("analyse")
@archive_to_change
@event_filters
@click.option("--dry-run", is_flag=True, help="Keep nothing; say what would be decoded again and what differs.")
@decoder_option("Decode with this one in place of the archive's own, and say which numbers are others; keep nothing.")
@click.option(
    "--processes",
    type=WholeNumber(1, 256),
    default=1,
    show_default=True,
    metavar="NUMBER",
    help="How many processes decode. More than one pays on machines with many cores only.",
)
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    filters: Filters,
    dry_run: bool,
    decoder: str | None,
    processes: int,
    output: OutputFormat,
) -> None:
    """Compare documents with what the samples give.

    Each EVENT is an id or an event file's name; without any, all that pass the filters are meant. Numbers are computed
    when an event comes, and kept with the source `decoder` beside the reported ones, which they never replace. Here
    they are held against every document, and samples against the table of a kept report. An event whose numbers are
    not there, or are another decoder's, is decoded again. Where a document differs from its event's samples by more
    than rounding, that is reported and the exit code is 1. docs/waveforms.md says what is computed how.

    With --decoder another version decodes, and each number that it gives otherwise than the archive's own is named.
    `sfm decoders ARCHIVE --pin NAME` then switches.

    \b
    Examples:
      sfm analyse quarry.sfm
      sfm analyse quarry.sfm --serial BE11529 --since 2026-05 --dry-run
    """
    require_extra("sfm analyse", "waveforms")
    from sfm_archive import AnalyseOptions

    store = not dry_run and decoder is None
    options = AnalyseOptions(store=store, decoder=decoder or "", processes=processes)
    with changing(access.to_write() if store else access.to_read()) as archive:
        selection = filters.to_work_on(archive)
        with progress_on_terminal("analysing") as progress:
            report = archive.analyse(selection, options=options, progress=progress)
        if output is OutputFormat.JSON:
            emit_json({"dry_run": not store, **to_plain(report)})
        else:
            emit(result(report, dry_run=not store))
            _tell_items(report)
    if report.damaged:
        ctx.exit(ExitCode.DAMAGED)
    if report.differing:
        ctx.exit(ExitCode.FINDINGS)


def result(report: AnalysisReport, *, dry_run: bool = False) -> str:
    """How many events had which outcome."""
    would = "would be made again (dry run: nothing was)" if dry_run else "were made again"
    kept = f"numbers of {counted(len(report.renewed), 'event')} {would}"
    differing = len(report.differing)
    last = f"{counted(differing, 'event')} with documents that differ from the samples"
    printed = sum(item.source.startswith("report ") for item in report.items)
    but = f" ({counted(printed, 'event')} from the samples that a report prints)" if printed else ""
    totals = totals_table(report.totals, len(report.items), f"with {report.decoder}{but}; {kept}")
    if report.decoder != report.pinned_decoder:
        changed = counted(report.number_changed, "event")
        totals += f"\n{changed} with numbers that {report.pinned_decoder}, which is pinned, gives otherwise"
    return totals + ("" if not differing else f"\n{last}")


def _tell_items(report: AnalysisReport) -> None:
    if report.renewed:
        tell(f"numbers that were not there, or others than {report.decoder} gives: {event_words(report.renewed)}")
    quiet = {"analysed", "unchanged", "no bytes"}
    told = [item for item in report.items if item.status.value not in quiet or item.differs or item.changes]
    tell_first([said for item in told if (said := "\n".join(sentences(item)))], _MOST_SHOWN)


def change_text(change: NumberChange) -> str:
    """What a number was and is."""
    before, after = (
        state or "none" if number is None else f"{number:g}"
        for number, state in ((change.before, change.state_before), (change.after, change.state_after))
    )
    return f"{change.channel} {change.quantity}: {before}, now {after} {change.unit}".strip().replace("  ", " ")


def sentences(item: AnalysisItem) -> list[str]:
    """What there is to say of one event."""
    from sfm_archive.analysing.report import difference_sentence

    start = f"event {item.event_id}"
    if item.message:
        return [f"{start}: {item.status}: {item.message}"]
    found = [f"{start}: {difference_sentence(difference)}" for difference in item.differences[:_MOST_OF_ONE]]
    if len(item.differences) > _MOST_OF_ONE:
        found.append(f"{start}: and {len(item.differences) - _MOST_OF_ONE} more differing values")
    found += [f"{start}: {change_text(change)}" for change in item.changes[:_MOST_OF_ONE]]
    if len(item.changes) > _MOST_OF_ONE:
        found.append(f"{start}: and {len(item.changes) - _MOST_OF_ONE} more numbers are others")
    for samples in item.samples:
        if samples.rows_decoded != samples.rows_reported:
            found.append(f"{start}: {samples.rows_decoded} samples decoded, its report has {samples.rows_reported}")
        found += [
            f"{start}: {channel.channel}: {channel.differing} of {channel.compared} samples differ from its report, "
            f"from sample {channel.first} on"
            for channel in samples.channels
            if channel.differing
        ]
    return found

"""`sfm check-file`: one event file against the report that the vendor's software exported of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.base.extras import require_extra
from sfm_archive.base.plain import to_plain
from sfm_archive.cli.compared_numbers import columns_not_known, numbers_table
from sfm_archive.cli.options import json_option
from sfm_archive.cli.output import Column, OutputFormat, counted, emit, emit_json, table, tell
from sfm_archive.cli.paths import path_type
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.analysing import FileCheck

_FILE = path_type()
_MOST_SHOWN = 20
_CHANNELS = (
    Column("samples", "channel"),
    Column("compared", "compared", number=True),
    Column("differing", "differing", number=True),
    Column("first", "first", number=True),
    Column("largest difference", "largest", number=True),
    Column("unit", "unit"),
)


@click.command("check-file")
@click.argument("event_file", type=_FILE, metavar="EVENTFILE")
@click.option(
    "--report",
    "report_file",
    type=_FILE,
    required=True,
    metavar="REPORT",
    help="Blastware's ASCII text of it, or THOR's CSV.",
)
@json_option
@click.pass_context
def command(ctx: click.Context, event_file: Path, report_file: Path, output: OutputFormat) -> None:
    """Check an event file against its report.

    Decodes the file and compares it with what Blastware (ASCII text) or THOR (CSV) exported of the same event, sample
    by sample and number by number, to half a printed unit. Each difference is named, and the exit code is then 1. No
    archive is needed and nothing is written. No real event file is public: a pair of yours shows whether the decoder
    is right (docs/waveforms.md).

    \b
    Examples:
      sfm check-file M529LK44.AB0 --report M529LK44_AB0_ASCII.TXT
      sfm check-file M529LK44.AB0 --report thor-export.csv
    """
    require_extra("sfm check-file", "waveforms")
    from sfm_archive import check_paths

    check = check_paths(event_file, report_file)
    if output is OutputFormat.JSON:
        emit_json({"event_file": str(event_file), "report_file": str(report_file), **to_plain(check)})
    else:
        emit("\n".join(_text(check)))
        for finding in check.findings:
            tell(f"{finding.severity}: {finding.message}")
    if not check.agree:
        ctx.exit(ExitCode.FINDINGS)


def _text(check: FileCheck) -> list[str]:
    lines = [*check.identity]
    if not check.agree and not check.identity:
        lines += check.cut_off
    if check.assumed:
        lines.append(f"not given in the report, so the usual value is assumed: {', '.join(check.assumed)}")
    if check.samples is not None:
        found = check.samples
        rows = [
            (c.channel, f"{c.compared:,}", f"{c.differing:,}", c.first, f"{c.largest:.4g}", c.unit)
            for c in found.channels
        ]
        lines += [table(_CHANNELS, rows)] if rows else []
        if found.rows_decoded != found.rows_reported:
            lines.append(f"{found.rows_decoded:,} samples decoded, {found.rows_reported:,} in the report")
        if found.only_reported:
            lines.append(f"in the report only: {', '.join(found.only_reported)}")
        lines += columns_not_known(found.not_known)
    if check.intervals is not None:
        cells = check.intervals
        lines.append(
            f"{cells.rows_decoded:,} intervals decoded, {cells.rows_reported:,} in the report; {cells.compared:,} "
            f"cells compared, {len(cells.differences):,} differ"
        )
        lines += [
            f"  interval {cell.row + 1}: {cell.channel} {cell.quantity}: decoded {_shown(cell.computed)}, "
            f"report {cell.printed}"
            for cell in cells.differences[:_MOST_SHOWN]
        ]
    if check.without_table:
        lines.append("The report has no table of the samples or intervals in this file, so none was compared.")
    if check.quantities:
        lines += ["", numbers_table(check.quantities)]
    return [*lines, "", _verdict(check)]


def _shown(number: float | None) -> str:
    return "none" if number is None else f"{number:.4g}"


_VERDICTS = {
    "own text": "The two agree, but sfm-archive made this text itself of samples that it decoded: its own numbers were "
    "compared with themselves, which proves nothing. Give the text that Blastware or THOR exports.",
    "other event": "These are NOT of the same event, so their differences mean nothing. Give the report of this event.",
    "cut off": "One of the two is cut off, see above: what is there was compared, what is missing was not, so this "
    "proves nothing, for or against the decoder. Copy or export it again.",
    "not understood": "The two could NOT be fully compared: numbers of the report are not understood, not read, or "
    "contradict each other, see the notes. This is no evidence against the decoder; export the report again, with "
    "decimal points.",
    "nothing compared": "Nothing could be compared: see the notes.",
    "differ": "The file and its report do NOT agree. Please send both files: CONTRIBUTING.md, "
    '"Send a file that disagrees".',
}


def _verdict(check: FileCheck) -> str:
    if check.agreement.value == "nothing compared" and check.quantities:
        agree = counted(len(check.quantities), "number")
        return f"Nothing of its table was compared, see above. The {agree} of its header agree with the file."
    if check.agreement.value != "agree":
        return _VERDICTS[check.agreement.value]
    if check.without_table:
        return f"The file and its report agree in all {check.compared:,} numbers; no sample or interval was compared."
    return f"The file and its report agree in all {check.compared:,} values compared."

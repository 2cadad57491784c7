"""`sfm check-report`: the numbers of a report against its own samples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.base.extras import require_extra
from sfm_archive.base.plain import to_plain
from sfm_archive.cli.compared_numbers import columns_not_known, numbers_table
from sfm_archive.cli.options import json_option
from sfm_archive.cli.output import OutputFormat, counted, emit, emit_json, tell
from sfm_archive.cli.paths import path_type
from sfm_archive.errors import ExitCode

if TYPE_CHECKING:
    from sfm_archive.analysing import ReportCheck


@click.command("check-report")
@click.argument("report_file", type=path_type(), metavar="REPORT")
@json_option
@click.pass_context
def command(ctx: click.Context, report_file: Path, output: OutputFormat) -> None:
    """Check a report's numbers against its own samples.

    Blastware's ASCII text or THOR's CSV of a waveform holds both: what the vendor's software printed, and the samples
    that it was computed of. Every number is computed again by the rules of docs/waveforms.md and compared to half a
    printed unit; where one differs the exit code is 1. No archive and no event file is needed, and nothing is written.

    \b
    Example:
      sfm check-report M529LK44_AB0_ASCII.TXT
    """
    require_extra("sfm check-report", "waveforms")
    from sfm_archive import check_report_path

    check = check_report_path(report_file)
    if output is OutputFormat.JSON:
        emit_json({"report_file": str(report_file), **to_plain(check)})
    else:
        emit("\n".join(_text(check)))
        for finding in check.findings:
            tell(f"{finding.severity}: {finding.message}")
    if not check.agree:
        ctx.exit(ExitCode.FINDINGS)


def _text(check: ReportCheck) -> list[str]:
    identity = " ".join(part for part in (check.serial, check.recorded_at) if part)
    table = f"{counted(check.rows, 'sample')} of {', '.join(check.channels)} at {check.sample_rate:g} a second"
    lines = [*check.cut_off, f"{identity}: {table}" if identity else table]
    if check.quantities:
        lines += ["", numbers_table(check.quantities), ""]
    lines += columns_not_known(check.not_known)
    if check.rewritten is not None:
        like = "byte for byte the table" if check.rewritten else "not byte for byte the table"
        lines.append(f"The samples, read as counts and written again, are {like}.")
    differing = sum(not quantity.agrees for quantity in check.quantities)
    numbers = counted(len(check.quantities), "printed number")
    verdicts = {
        "agree": f"All {numbers} agree with the samples.",
        "own text": f"All {numbers} agree with the samples, which proves nothing: sfm-archive made this text itself.",
        "cut off": "Its numbers were not compared, for samples are missing that may hold the peaks, or are not its "
        "own. Copy or export it again.",
        "not understood": "Numbers of the report are not understood, not read, or contradict each other, see the "
        "notes, so they cannot be judged. Export it again, with decimal points.",
        "nothing compared": "The report has no number that its samples could be compared with.",
        "differ": f"{differing} of {numbers} do NOT agree with the samples. Please send the file: CONTRIBUTING.md, "
        '"Send a file that disagrees".',
    }
    return [*lines, verdicts[check.agreement.value]]

"""`sfm find`: a text, a name or a hash in everything that several archives have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.cli.failures import one_line
from sfm_archive.cli.numbers import WholeNumber
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import json_option, wait_option, window_of_units
from sfm_archive.cli.output import OutputFormat, emit, emit_json_list, event_words, tell
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.progress_bar import clear_bar, progress_on_terminal
from sfm_archive.errors import ExitCode, SfmError

if TYPE_CHECKING:
    from sfm_archive.archive.searching import FoundIn
    from sfm_archive.model.selection import Selection

_MOST_SHOWN = 50
_WORST_FIRST = (ExitCode.DAMAGED, ExitCode.NOT_USABLE, ExitCode.BUSY, ExitCode.NOT_FOUND, ExitCode.FINDINGS)


@click.command("find")
@click.argument("wanted", metavar="TEXT|HASH|FILENAME")
@click.argument("archives", metavar="ARCHIVE...", nargs=-1, required=True, type=path_type())
@window_of_units
@click.option(
    "--limit",
    type=WholeNumber(min=0),
    default=_MOST_SHOWN,
    show_default=True,
    metavar="N",
    help="Show at most so many of each archive; 0 shows all, as --json does.",
)
@wait_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    wanted: str,
    archives: tuple[Path, ...],
    serials: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    limit: int,
    wait_s: float,
    output: OutputFormat,
) -> None:
    """Find a text, a file name or a hash.

    Words are looked for, in any case and without accents, in what is known of events (project, client, location, user,
    notes), in what people stated (jobs, points and their addresses, blasts, …), in names, and in the texts of received
    documents, whatever code page they are in. An event is found too where its point or job is. A name may have * and ?
    and is a file's as it was received, or an event file's. A SHA-256, or its first eight digits or more, finds files,
    the events of which an encoder made such a file, and hand-overs.

    --serial, --since and --until leave other events out, with their files; files without an event are then left out.

    Archives that cannot be searched are named, and the others are searched. The exit code is then that of the worst
    reason; 3 where nothing was found.

    \b
    Examples:
      sfm find "church street" north.sfm south.sfm --since 2026-05-04 --until 2026-05-10
      sfm find "M529*.TXT" *.sfm
      sfm find 4f6e1c9a office.sfm --json
    """
    from sfm_archive.archive.searching import checked_words
    from sfm_archive.model.selection import Selection

    checked_words(wanted)
    selection = Selection(serials=serials, since=since, until=until)
    codes: set[int] = set()  # of everything that was found it is 0

    def noting(items: Iterable[FoundIn]) -> Iterator[FoundIn]:
        for one in items:
            codes.add(one.exit_code)
            yield one

    items = noting(_found(archives, wanted, selection, wait_s))
    if output is OutputFormat.JSON:
        emit_json_list({"wanted": wanted, "filters": selection.as_dict()}, "results", items, "count")
    else:
        for archive, group in groupby(items, key=lambda one: one.archive):
            _show(archive, group, limit)
    if selection != Selection():
        tell("files that belong to no event were not looked at: nothing tells their unit and time")
    for code in _WORST_FIRST:
        if code in codes:
            ctx.exit(code)
    if ExitCode.OK not in codes:
        tell("nothing was found")
        ctx.exit(ExitCode.NOT_FOUND)


def _found(archives: Iterable[Path], wanted: str, selection: Selection, wait_s: float) -> Iterator[FoundIn]:
    """From archive to archive; one that cannot be read to its end is an item too."""
    from sfm_archive.archive.searching import FoundIn, search

    for path in dict.fromkeys(archives):
        try:
            with (
                Access(path=path, wait_s=wait_s).to_read() as archive,
                progress_on_terminal("searching") as progress,
            ):
                for one in search(archive, wanted, selection, progress):
                    yield FoundIn(archive=str(path), found=one)
        except SfmError as error:
            yield FoundIn(archive=str(path), found=None, error=one_line(str(error)), exit_code=int(error.exit_code))


def _show(archive: str, group: Iterable[FoundIn], limit: int) -> None:
    shown = left = 0
    for one in group:
        if one.found is None:
            clear_bar()
            tell(f"not searched to its end: {one.error}")
            continue
        if limit and shown == limit:
            left += 1
            continue
        clear_bar()
        if not shown:
            emit(archive)
        shown += 1
        found = one.found
        event = f"{found.kind.value} {found.number}: " if found.kind.value in ("event", "file") else ""
        of = f", of {event_words(found.event_ids)}" if found.event_ids else ""
        emit(f"  {event}{found.what}{of}  ({', '.join(found.where)})")
    if left:
        tell(f"{archive}: and {left:,} more; --limit 0 shows them")

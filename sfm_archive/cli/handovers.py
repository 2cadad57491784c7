"""`sfm handovers`: what was handed over, every file of one, and the file that is kept of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.cli.completers import complete_events
from sfm_archive.cli.numbers import WholeNumber
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, json_option, since_moment, until_moment
from sfm_archive.cli.output import Column, OutputFormat, counted, emit, emit_json, pairs, table, tell
from sfm_archive.cli.paths import path_type
from sfm_archive.errors import ExitCode

COLUMNS = (
    Column("N", "number", number=True),
    Column("at (UTC)", "at_utc"),
    Column("by", "actor"),
    Column("kind", "kind"),
    Column("files", "files", number=True),
    Column("target", "target"),
    Column("manifest", "manifest_sha256"),
)
FILE_COLUMNS = (
    Column("path", "path"),
    Column("event", "event_id", number=True),
    Column("revision", "revision", number=True),
    Column("from", "source"),
    Column("package", "package"),
    Column("first made (UTC)", "first_made_at_utc"),
    Column("SHA-256", "sha256"),
)
USED_COLUMNS = (
    Column("event", "event_id", number=True),
    Column("serial", "serial"),
    Column("recorded", "recorded_at_local"),
    Column("used", "what"),
    Column("SHA-256", "sha256"),
)


@click.command("handovers")
@archive_to_read
@click.argument("number", type=WholeNumber(min=1), metavar="[N]", required=False)
@click.option(
    "--since", type=since_moment, metavar="WHEN",
    help="Only what was handed over from then on: 2026, 2026-06, 2026-06-01 or '2026-06-01 13:16', UTC.",
)  # fmt: skip
@click.option(
    "--until", type=until_moment, metavar="WHEN",
    help="Only what was handed over up to then, that day, month or second included, UTC.",
)  # fmt: skip
@click.option(
    "--event", metavar="EVENT", shell_complete=complete_events,
    help="Only what this event was handed over in, by id or file name.",
)  # fmt: skip
@click.option(
    "--job", metavar="JOB",
    help="Only reports of this job, and what has an event that was, or may have been, recorded at its points.",
)  # fmt: skip
@click.option(
    "-o", "--output", "target", type=path_type(folders=False), metavar="FILE",
    help="Write the file that hand-over N keeps, byte for byte.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace a file that is there.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    access: Access,
    number: int | None,
    since: datetime | None,
    until: datetime | None,
    event: str | None,
    job: str | None,
    target: Path | None,
    overwrite: bool,
    output: OutputFormat,
) -> None:
    """List what was handed over: event files, reports, data.

    Every folder of `sfm export` and `sfm export-data`, every PDF of `sfm report` and `sfm job report`, and every
    picture of `sfm attenuation` leaves a record: when, by whom, where to, what was asked for, each file's hash, and
    what it was made of. With N, all that one says. Of a PDF or picture the file is kept: -o gives it back.
    `sfm export ARCHIVE FOLDER --like N` makes a folder of event files again and proves it.

    \b
    Examples:
      sfm handovers quarry.sfm --since 2026-06 --until 2026-06
      sfm handovers quarry.sfm --event M529LKIQ.7M0W
      sfm handovers quarry.sfm 3 --json
      sfm handovers quarry.sfm 4 -o again.pdf
    """
    from sfm_archive import find_handovers, kept_bytes
    from sfm_archive.files.writing import write_file

    filters = (since, until, event, job)
    if number is not None and any(one is not None for one in filters):
        raise click.UsageError("N names one hand-over; leave it out to choose with --since, --until, --event and --job")
    if target is not None and number is None:
        raise click.UsageError("-o writes the file of one hand-over; give its number N")
    unreadable: list[int] = []
    with access.to_read() as archive:
        if number is None:
            found, unreadable = find_handovers(archive, since=since, until=until, event=event, job=job)
        whole = to_plain(found if number is None else [archive.handover(number)])
        if target is not None and number is not None:
            data = kept_bytes(archive, number)
            write_file(target, data, overwrite=overwrite)
            tell(f"{target} has the bytes of hand-over {number} ({len(data):,} bytes, as recorded)")
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "handovers": whole, "unreadable": unreadable})
    elif number is None:
        _tell_all(access, whole, chosen=any(one is not None for one in filters))
    elif target is None:
        emit(_text(whole[0]))
    if unreadable:
        numbers = ", ".join(map(str, unreadable))
        tell(
            f"{counted(len(unreadable), 'record')} cannot be read, so whether they belong here is not known: {numbers}"
        )
        ctx.exit(ExitCode.DAMAGED)


def _tell_all(access: Access, whole: list[dict[str, Any]], *, chosen: bool) -> None:
    if not whole:
        tell(
            f"{access.path}: {'nothing was handed over that is asked for' if chosen else 'nothing was handed over yet'}"
        )
        return
    rows = [[one[column.name] for column in COLUMNS[:-1]] + [f"{one['manifest_sha256'][:12]}…"] for one in whole]
    emit(table(COLUMNS, rows))


def _text(one: dict[str, Any]) -> str:
    made_of = one["made_of"]
    kept = next((file["size"] for file in one["list"] if file["sha256"] == one["kept_sha256"]), None)
    head = pairs(
        [
            ("hand-over", one["number"]),
            ("kind", one["kind"]),
            ("at (UTC)", one["at_utc"]),
            ("by", one["actor"]),
            ("target", one["target"]),
            ("asked for", _asked(one["options"])),
            ("files", one["files"]),
            ("file kept", "no" if kept is None else f"{kept:,} bytes"),
            ("made by", f"{made_of['program']}, rules {made_of['rules']}, decoder {made_of['decoder']}"),
            ("head before", f"{made_of['history_head']} ({counted(made_of['history_length'], 'change')})"),
            ("manifest SHA-256", one["manifest_sha256"]),
            ("record SHA-256", one["record_sha256"]),
        ]
    )
    rows = []
    for file in one["list"]:
        shown = {**file, "package": f"{file['distribution']} {file['distribution_version']}".strip()}
        shown |= {"revision": file["revision"] or None, "event_id": file["event_id"] or None}
        rows.append([shown[column.name] for column in FILE_COLUMNS])
    parts = [head, table(FILE_COLUMNS, rows)]
    used = [{**event, **own} for event in made_of["events"] for own in event["used"]]
    if used:
        parts.append(table(USED_COLUMNS, [[row[column.name] for column in USED_COLUMNS] for row in used]))
    return "\n\n".join(parts)


def _asked(options: dict[str, Any]) -> str:
    """Options as they were given; those that were not are left out."""
    what = [f"like hand-over {options['like']}"] if "like" in options else []
    what += [f"{name} {_words(value)}" for name, value in (options.get("selection") or {}).items()]
    others = {name: value for name, value in options.items() if name not in ("like", "selection", "csv_form")}
    what += [f"{name} {_words(value)}" for name, value in others.items() if value not in (None, "", [])]
    return ", ".join(what) or "everything"


def _words(value: object) -> str:
    """A filter as it was given, lists without brackets."""
    if isinstance(value, list):
        return " ".join(map(_words, value))
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)

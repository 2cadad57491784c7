"""`sfm handovers`: the folders that were handed over, and every file of one."""

from __future__ import annotations

from typing import Any

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.cli.numbers import WholeNumber
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, json_option
from sfm_archive.cli.output import Column, OutputFormat, emit, emit_json, pairs, table, tell

COLUMNS = (
    Column("N", "number", number=True),
    Column("at (UTC)", "at_utc"),
    Column("by", "actor"),
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


@click.command("handovers")
@archive_to_read
@click.argument("number", type=WholeNumber(min=1), metavar="[N]", required=False)
@json_option
def command(access: Access, number: int | None, output: OutputFormat) -> None:
    """List the folders that were handed over.

    Every export that leaves files in a folder leaves a record: when, by whom, where to, what was asked for, and each
    file's path and hash with the frames and the encoder it was made with. With N, the files of one. `sfm export ARCHIVE
    FOLDER --like N` makes that folder again and proves it.

    \b
    Examples:
      sfm handovers quarry.sfm
      sfm handovers quarry.sfm 3 --json
    """
    with access.to_read() as archive:
        found = archive.handovers() if number is None else [archive.handover(number)]
    whole = to_plain(found)
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "handovers": whole})
    elif number is None:
        _tell_all(access, whole)
    else:
        emit(_text(whole[0]))


def _tell_all(access: Access, whole: list[dict[str, Any]]) -> None:
    if not whole:
        tell(f"{access.path}: nothing was handed over yet")
        return
    rows = [[one[column.name] for column in COLUMNS[:-1]] + [f"{one['manifest_sha256'][:12]}…"] for one in whole]
    emit(table(COLUMNS, rows))


def _text(one: dict[str, Any]) -> str:
    options = one["options"]
    chosen = options.get("selection") or {}
    what = [f"like hand-over {options['like']}"] if "like" in options else []
    what += [f"{name} {_words(value)}" for name, value in chosen.items()]
    what += [f"{name} {options[name]}" for name in ("encoder", "names") if options.get(name)]
    head = pairs(
        [
            ("hand-over", one["number"]),
            ("at (UTC)", one["at_utc"]),
            ("by", one["actor"]),
            ("target", one["target"]),
            ("asked for", ", ".join(what) or "everything"),
            ("files", one["files"]),
            ("manifest SHA-256", one["manifest_sha256"]),
            ("record SHA-256", one["record_sha256"]),
        ]
    )
    rows = []
    for file in one["list"]:
        shown = {**file, "package": f"{file['distribution']} {file['distribution_version']}".strip()}
        shown["revision"] = file["revision"] or None
        rows.append([shown[column.name] for column in FILE_COLUMNS])
    return f"{head}\n\n{table(FILE_COLUMNS, rows)}"


def _words(value: object) -> str:
    """A filter as it was given, lists without brackets."""
    if isinstance(value, list):
        return " ".join(map(_words, value))
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)

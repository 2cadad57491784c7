"""`sfm rebuild`: the derived half of an archive made anew."""

from __future__ import annotations

import click

from sfm_archive.base.plain import to_plain
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_change, json_option
from sfm_archive.cli.output import OutputFormat, counted, emit, emit_json
from sfm_archive.cli.progress_bar import progress_on_terminal


@click.command("rebuild")
@archive_to_change
@click.option("--reread", is_flag=True, help="First read kept reports and sidecars again with corrected readers.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Change nothing; say which documents would be read again, and how many rows would become others.",
)
@json_option
def command(access: Access, reread: bool, dry_run: bool, output: OutputFormat) -> None:
    """Rebuild the rows that lists and filters read.

    An archive keeps a row for each event with its peaks, texts and states, and the numbers of its samples, made from
    what was received. Saving keeps them right; this makes all of them again, as after a program with other rules or a
    repair with SQL, in one transaction: cut off, the archive is as before. What was received and the history stay as
    they are.

    With --reread, reports and sidecars that an older version has read are read again first. That does add to what was
    received: the new values, of which the newest of a source count, beside those read before, and a change of the
    history for each event. Cut off, the next run goes on. --dry-run counts rows as they would be without that reading.

    \b
    Examples:
      sfm rebuild quarry.sfm
      sfm rebuild quarry.sfm --reread --dry-run
    """
    import sfm_archive as sfm

    with access.to_change(dry_run=dry_run) as archive:
        again = None
        if reread:
            with progress_on_terminal("reading documents") as progress:
                again = sfm.reread_documents(archive, dry_run=dry_run, progress=progress)
        with progress_on_terminal("making anew") as progress:
            report = archive.rebuild(progress, dry_run=dry_run)
    if output is OutputFormat.JSON:
        emit_json({**to_plain(report), "reread": to_plain(again)})
        return
    would = "would be" if dry_run else "were"
    if again is not None:
        for item in again.items:
            emit(f"event {item.event_id}: {item.file} read by {item.reader}, {counted(item.different, 'value')} other")
        emit(
            f"{again.path}: {counted(again.documents, 'document')}, {len(again.items):,} {would} read again, "
            f"{again.current:,} read by this version before, {again.without_values:,} without values"
        )
    changed = f"the rows of {report.changed:,} " + ("would become others" if dry_run else "were others before")
    emit(f"{report.path}: {counted(report.events, 'event')}, {changed}")

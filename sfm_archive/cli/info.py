"""`sfm info`: an archive in numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sfm_archive.base.shell_words import command_line
from sfm_archive.cli.opening import Access
from sfm_archive.cli.options import archive_to_read, json_option
from sfm_archive.cli.output import SEALED_MEANS, OutputFormat, counted, emit_result, pairs, size_text

if TYPE_CHECKING:
    from sfm_archive.archive.results import ArchiveInfo


@click.command("info")
@archive_to_read
@json_option
def command(access: Access, output: OutputFormat) -> None:
    """Show an archive in numbers.

    The head of the history is the hash of the newest change; each change holds the hash of the one before. Noted
    elsewhere, it proves later that nothing before it was altered.

    \b
    Example:
      sfm info quarry.sfm
    """
    with access.to_read() as archive:
        info = archive.info()
    emit_result(output, info, lambda info: pairs(_lines(info)))


def _lines(info: ArchiveInfo) -> list[tuple[str, object]]:
    recorded = f"{info.earliest} to {info.latest}".replace("T", " ") if info.events else "nothing yet"
    return [
        ("archive", info.path),
        ("archive id", info.archive_id),
        ("format version", info.format_version),
        ("created (UTC)", f"{info.created_at_utc} by {info.created_by}"),
        ("pinned encoder", info.pinned_encoder),
        ("pinned decoder", info.pinned_decoder),
        ("events", f"{info.events:,} from {counted(info.units, 'unit')}"),
        ("without a known peak", _unknown(info)),
        ("recorded (device-local)", recorded),
        ("frames", _kept(info.frame_revisions, "revision", info.frame_bytes, info.stored_frame_bytes)),
        ("received files", _kept(info.files, "file", info.file_bytes, info.stored_file_bytes)),
        ("waiting for their event", _waiting(info)),
        ("size on disk", size_text(info.size_on_disk)),
        ("history", counted(info.history_length, "change")),
        ("history head", info.history_head),
        *([("sealed", SEALED_MEANS)] if info.sealed else []),
        *(("added index", f"{name}: not of the format, it only costs space") for name in info.added_indexes),
    ]


def _unknown(info: ArchiveInfo) -> str:
    from sfm_archive.model.peak_text import UNKNOWN_PEAK_MEANS

    why = f"; {UNKNOWN_PEAK_MEANS}" if info.unknown_peaks else ""
    return counted(info.unknown_peaks, "event") + why


def _waiting(info: ArchiveInfo) -> str:
    listing = f"; {command_line('sfm', 'waiting', info.path)} lists them" if info.waiting_files else ""
    return counted(info.waiting_files, "file") + listing


def _kept(number: int, word: str, before: int, after: int) -> str:
    return f"{counted(number, word)}, {size_text(before)} kept in {size_text(after)}"

"""Opening the archive that a command names, for reading or writing, and the last word after a change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sfm_archive.base.waiting import DEFAULT_WAIT_S
from sfm_archive.cli.output import counted, tell
from sfm_archive.cli.progress_bar import clear_bar, progress_on_terminal
from sfm_archive.errors import Busy, Damaged, ReadOnlyArchive, StorageFailed

if TYPE_CHECKING:
    from sfm_archive.archive import Archive
    from sfm_archive.base.waiting import OnWait, Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Which archive a command works on, how long it waits for other writers, and who is working. `as_of`: the change
    behind which it is read, in words, None for the newest."""

    path: Path
    wait_s: float = DEFAULT_WAIT_S
    actor: str | None = None
    as_of: str | None = None

    def made(self, encoder: str | None = None, decoder: str | None = None) -> Archive:
        """A new archive, opened for changes; the usual encoder and decoder are pinned where none is named."""
        from sfm_archive.archive.archive import Archive
        from sfm_archive.archive.settings import DEFAULT_ENCODER
        from sfm_archive.model.decode_settings import DEFAULT_DECODER

        return Archive.create(
            self.path,
            encoder=encoder or DEFAULT_ENCODER,
            decoder=decoder or DEFAULT_DECODER,
            actor=self.actor,
            wait_s=self.wait_s,
            on_wait=telling_each_wait_once(),
        )

    def to_read(self) -> Archive:
        """The archive, opened read-only."""
        from sfm_archive.archive import Archive

        with progress_on_terminal("looking back") as progress:
            return Archive.open(
                self.path,
                read_only=True,
                as_of=self.as_of,
                actor=self.actor,
                wait_s=self.wait_s,
                on_wait=telling_each_wait_once(),
                progress=progress,
            )

    def to_write(self) -> Archive:
        """The archive, opened for changes."""
        from sfm_archive.archive import Archive

        return Archive.open(self.path, actor=self.actor, wait_s=self.wait_s, on_wait=telling_each_wait_once())

    def to_change(self, *, dry_run: bool) -> Archive:
        """The archive, opened for changes, which are all taken back where `dry_run`: no byte of the file changes then.

        An archive of other rules is not brought up to date for a dry run.
        """
        if not dry_run:
            return self.to_write()
        from sfm_archive.archive import Archive
        from sfm_archive.storage.store import open_file

        store = open_file(
            self.path, read_only=False, rehearsal=True, wait_s=self.wait_s, on_wait=telling_each_wait_once()
        )
        return Archive(store, actor=self.actor)

    def to_write_if_possible(self) -> Archive:
        """The archive, for changes where file and folder allow them and nobody else writes for long, else read-only."""
        why = ""
        if self.as_of is None and _may_change(self.path):
            try:
                return self.to_write()
            except (ReadOnlyArchive, StorageFailed, Busy, Damaged) as error:
                why = str(error)
        archive = self.to_read()
        with suppress(Damaged):  # what is damaged is told where it is read
            if archive.store.sealed:
                archive.store.why_read_only = "the archive is sealed"
                return archive
        if why:
            archive.store.why_read_only = f"the archive could only be opened for reading ({why})"
        return archive

    def to_note(self, *, record: bool) -> Archive:
        """The archive, to make an output of it that leaves a hand-over record, where `record` and that is possible."""
        return self.to_write_if_possible() if record else self.to_read()


def _may_change(path: Path) -> bool:
    """Whether file and folder allow changes. Root may write what nobody may, and does not."""
    if not path.exists() or not path.stat().st_mode & 0o222:
        return False
    return os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)


def telling_each_wait_once() -> OnWait:
    """Tell what is waited for. A long import can wait for one program before each of its batches: that is one line."""
    printed: set[str] = set()

    def tell_wait(wait: Wait, /) -> None:
        sentence = f"{wait}, Ctrl-C stops"
        if sentence not in printed:
            printed.add(sentence)
            clear_bar()
            tell(sentence)

    return tell_wait


@contextmanager
def changing(archive: Archive) -> Iterator[Archive]:
    """Close the archive at the end and tell the new head of its history, where it moved."""
    with archive:
        before = archive.history_head()
        yield archive
        if archive.history_head() != before:
            tell_history_head(archive)


def tell_history_head(archive: Archive) -> None:
    """Print the head of the history: noted elsewhere, it proves later that nothing before it was changed."""
    length, head = archive.history_head()
    tell(f"history head {head} ({counted(length, 'change')})")

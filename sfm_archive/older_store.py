"""The older folder store's class over an archive: a program written against it changes one import.

    from sfm_archive.older_store import WaveformStore

What stays (docs/facts.md): the constructor, `root`, `paths_for`, `open_blastware`, `save`, `load_a5`, their
results and their ValueErrors, and the bytes: event files are made by blastware@1, which writes what the older writer
wrote, also of faulty streams. What changes: everything lies in `<root>/waveforms.sfm`. Event files in the folders are
copies, made when asked for; `.a5.pkl` files are read where older ones lie there, and never written.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import weakref
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self, TypedDict

from sfm_archive.archive import Archive, saving
from sfm_archive.archive.encoding import prepare
from sfm_archive.archive.finding import computed_name, ids_by_name, name_of
from sfm_archive.errors import (
    AlreadyExists,
    BadFrames,
    BadInput,
    BadName,
    BadSerial,
    EncodeRefused,
    ReadOnlyArchive,
    SfmError,
)
from sfm_archive.exporting.content import Content, ContentSource
from sfm_archive.files.failures import make_folder
from sfm_archive.files.folder import Obstructed
from sfm_archive.files.paths import part_problem
from sfm_archive.files.standing import WriteAction
from sfm_archive.files.tree import OutputTree
from sfm_archive.formats.blastware.frames import as_a5_frames
from sfm_archive.formats.blastware.names import event_file_name
from sfm_archive.formats.older_store.sidecars import read_a5_sidecar
from sfm_archive.model.events import event_from_object
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.serials import checked_serial, is_serial
from sfm_archive.storage.events import EventRow

ARCHIVE_NAME = "waveforms.sfm"
ENCODER = "blastware@1"
SIDECAR_ENDING = ".a5.pkl"

log = logging.getLogger(__name__)


class SavedNames(TypedDict):
    """What `save` returns, under the older store's keys."""

    filename: str
    filesize: int
    a5_pickle_filename: str


class WaveformStore:
    """Saves and loads events below `root`. Any number of threads and processes may use one root at once.

    Where two events share a name (the hour repeated when daylight saving ends), the one saved last answers to it, as
    it did when it overwrote the other; here both are kept, and an export gives both.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        make_folder(self.root)
        self._opening = threading.Lock()
        self._archive: Archive | None = None
        self._end: weakref.finalize[[], Any] | None = None

    def close(self) -> None:
        """Close the archive, which leaves it as exactly one file. It opens again when needed; the older class had no
        such method, so the end of the program does it too."""
        with self._opening:
            self._archive = None
            if self._end is not None:
                self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the older store's methods --------------------------------------------------------------------------------

    def paths_for(self, serial: str, filename: str) -> tuple[Path, Path]:
        """Path of an event file and of its former sidecar; the serial's folder is there afterwards.

        If the archive holds the event, so is the event file. Raises BadSerial or BadName, both ValueErrors, for what
        would lead out of the root.
        """
        folder = _checked_folder(serial)
        problem = part_problem(filename)
        if problem:
            raise BadName(f"{filename!r} {problem}; give the name of an event file, such as M529LKIQ.7M0W")
        make_folder(self.root / folder)
        self.open_blastware(serial, filename)
        path = self.root / folder / filename
        return path, path.with_name(filename + SIDECAR_ENDING)

    def open_blastware(self, serial: str, filename: str) -> Path | None:
        """Path of the event file, made from the archive where it is not there or other bytes are; None where neither
        archive nor folder has it."""
        if not self._is_inside(serial, filename):
            return None
        folder = _checked_folder(serial)
        archive = self._existing_archive()
        row = None if archive is None else self._find(archive, folder, filename)
        if archive is None or row is None:
            return self._older_file(folder, filename)
        content = next(ContentSource(archive, ENCODER, record=True).of_events([row]))
        if not content.source:
            log.warning("%s/%s: no event file: %s", folder, filename, content.message)
            return self._older_file(folder, filename)
        return self._materialised(archive, content, folder, filename)

    def save(self, ev: Any, serial: str, a5_frames: Iterable[Any]) -> SavedNames:
        """Save one event, durably and in one transaction; the same again changes nothing.

        `ev`: `timestamp` with year to second, and `record_type`. Frames: objects or dicts with the six fields. The
        size is that of the event's file as `open_blastware` gives it. Raises ValueErrors when frames or serial are
        empty or wrong, or when there is no name for serial and time; nothing is saved then.
        """
        frames = as_a5_frames(() if a5_frames is None else a5_frames)
        if not frames:
            raise BadFrames(f"{serial}: no A5 frames were given; nothing was saved")
        known = event_from_object(ev, checked_serial(serial))
        # The name counts what the event says of itself: without a record type it has no W or H.
        name = event_file_name(known.serial, known.recorded_at, known.record_type)
        archive = self._opened()
        completed, prepared = prepare(archive, known, frames)
        names = () if computed_name(completed) == name else (name,)
        with archive.batch():
            saved = saving.save(archive, saving.ToSave(event=completed, prepared=prepared, names=names))
            try:
                file = archive.encode(saved.event_id, ENCODER)
            except EncodeRefused as error:
                raise BadFrames(f"{known.serial} {name}: nothing was saved: {error}") from error
        return {"filename": name, "filesize": len(file.data), "a5_pickle_filename": name + SIDECAR_ENDING}

    def load_a5(self, serial: str, filename: str) -> list[A5Frame] | None:
        """The event's frames, None where there are none or they are damaged (logged as a warning)."""
        if not self._is_inside(serial, filename):
            return None
        folder = _checked_folder(serial)
        archive = self._existing_archive()
        row = None if archive is None else self._find(archive, folder, filename)
        if archive is not None and row is not None and row.revision:
            try:
                return list(archive.frames(row.event_id, row.revision))
            except SfmError as error:
                log.warning("%s/%s: %s", folder, filename, error)
                return None
        return self._older_frames(folder, filename)

    # -- the archive ----------------------------------------------------------------------------------------------

    def _existing_archive(self) -> Archive | None:
        """The archive, None while nothing was ever saved: asking must not make one."""
        there = self._archive is not None or (self.root / ARCHIVE_NAME).exists()
        return self._opened() if there else None

    def _opened(self) -> Archive:
        with self._opening:
            if self._archive is None:
                path = self.root / ARCHIVE_NAME
                if not path.exists():
                    # Of two processes that start at once, one makes it.
                    with suppress(AlreadyExists):
                        Archive.create(path).close()
                try:
                    self._archive = Archive.open(path)
                except ReadOnlyArchive:
                    self._archive = Archive.open(path, read_only=True)
                self._end = weakref.finalize(self, self._archive.close)
            return self._archive

    @staticmethod
    def _find(archive: Archive, serial: str, filename: str) -> EventRow | None:
        rows = [archive.event(event_id) for event_id in ids_by_name(archive.store, filename)]
        rows = [row for row in rows if row.serial == serial]
        # A name without W or H is also a name of events that have one; those it names exactly come first.
        return max(rows, key=lambda row: (name_of(row).upper() == filename.upper(), row.event_id), default=None)

    # -- the folders ----------------------------------------------------------------------------------------------

    @staticmethod
    def _is_inside(serial: str, filename: str) -> bool:
        try:
            problem = part_problem(filename) or (_checked_folder(serial) and "")
        except BadSerial as error:
            problem = str(error)
        if problem:
            log.warning("%r, %r: not looked for: %s", serial, filename, problem)
        return not problem

    def _materialised(self, archive: Archive, content: Content, serial: str, filename: str) -> Path | None:
        path = f"{serial}/{filename}"
        try:
            with OutputTree(self.root, overwrite=True) as tree:
                action, message = tree.action(path, content.size, content.sha256)
                if action is WriteAction.REFUSE:
                    log.warning("%s", message)
                    return None
                if action is WriteAction.REPLACE:
                    self._set_aside(archive, path, filename)
                if action.writes:
                    data = ContentSource(archive, ENCODER, record=True).bytes_of(content)
                    tree.write(0, path, data, action)
        except (OSError, Obstructed, SfmError) as error:
            log.warning("%s: no event file: %s", self.root / path, error)
            return None
        return self.root / path

    def _set_aside(self, archive: Archive, path: str, filename: str) -> None:
        """Keep a file that the archive cannot make again: it may be all that is left of something."""
        with OutputTree(self.root) as tree:
            data = tree.read(path)
            if data is None:
                return
            sha256 = hashlib.sha256(data).hexdigest()
            for event_id in ids_by_name(archive.store, filename):
                known = {record.sha256 for record in archive.encodings(event_id)}
                if sha256 in known.union(file.sha256 for file in archive.files(event_id)):
                    return
            aside = f"{path}.before-{sha256[:12]}"
            tree.write(0, aside, data, WriteAction.CREATE)
        log.warning("%s was another file than the event's; it is kept as %s", self.root / path, Path(aside).name)

    def _older_file(self, serial: str, filename: str) -> Path | None:
        """An event file that the older store left in its folder."""
        path = self.root / serial / filename
        return path if path.is_file() and not path.is_symlink() else None

    def _older_frames(self, serial: str, filename: str) -> list[A5Frame] | None:
        """The frames in a sidecar that the older store left; read as plain values, nothing in it is run."""
        path = f"{serial}/{filename}{SIDECAR_ENDING}"
        try:
            with OutputTree(self.root) as tree:
                data = tree.read(path)
            return None if data is None else list(read_a5_sidecar(data))
        except (OSError, Obstructed, BadInput) as error:
            log.warning("%s cannot be read: %s", self.root / path, error)
            return None


def _checked_folder(serial: str) -> str:
    """The folder of a serial. Others than serials are let through where they are safe: older stores have them."""
    if not isinstance(serial, str) or not serial:
        raise BadSerial("the serial is empty; give the unit's, such as BE11529")
    problem = part_problem(serial)
    if problem:
        raise BadSerial(f"{serial!r} {problem}, so it is not a serial; give the unit's, such as BE11529")
    return checked_serial(serial) if is_serial(serial) else serial

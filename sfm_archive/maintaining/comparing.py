"""Comparing event files: what encoders make of one event, or an encoder's file with one on disk, part by part."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.archive.encoding import installed_encoder
from sfm_archive.archive.finding import name_of
from sfm_archive.base.plain import in_json
from sfm_archive.base.regular_files import read_file
from sfm_archive.errors import EncodeRefused, EventNotFound, NotFound, StorageFailed, UsageError
from sfm_archive.formats.blastware.layout import Difference, describe_difference
from sfm_archive.model.encoders import EncoderName
from sfm_archive.model.findings import Finding
from sfm_archive.storage import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the files compared.

    `label`: the encoder's name, the path, or the name of the received file. `sha256` is '' and `size` 0 where an
    encoder refuses the frames; then `message` says why. `findings` are the encoder's.
    """

    label: str
    sha256: str = ""
    size: int = 0
    message: str = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two sides, and every part in which they differ; none where either has no bytes."""

    one: str
    other: str
    same: bool
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonReport:
    """All sides, and the first of them compared with each of the others. `revision`: of the frames, 0 without."""

    event_id: int
    name: str
    revision: int
    sides: tuple[Side, ...]
    comparisons: tuple[Comparison, ...]

    @property
    @in_json("same")
    def same(self) -> bool:
        """Whether all sides are the same bytes. Encoders that all refuse are the same too."""
        return all(comparison.same for comparison in self.comparisons)


def compare_encoders(archive: Archive, event_id: int, names: Sequence[str | EncoderName]) -> ComparisonReport:
    """What each encoder makes of the event's current frames; the first is compared with each of the others.

    An encoder that refuses is a side without bytes. Raises UsageError for fewer than two names, EventNotFound,
    EncoderNotFound, Damaged, NotReproduced.
    """
    if len(names) < 2:
        raise UsageError(f"event {event_id}: {len(names)} encoder(s) given; name at least two to compare")
    encoders = [installed_encoder(archive, name).name for name in names]
    return _report(archive, event_id, [_encoded(archive, event_id, encoder) for encoder in encoders])


def compare_with_file(
    archive: Archive, event_id: int, path: Path, encoder: str | EncoderName | None = None
) -> ComparisonReport:
    """What an encoder (the pinned one where none is named) makes of the event's frames, and a file on disk.

    An event without frames is compared by the event file that was received of it. Raises NotFound and StorageFailed
    for the file, EventNotFound, EncoderNotFound, Damaged, NotReproduced.
    """
    row = archive.event(event_id)
    data = _read(path)
    if row.revision:
        chosen = archive.pinned_encoder if encoder is None else installed_encoder(archive, encoder).name
        first = _encoded(archive, event_id, chosen)
    elif encoder is not None:
        raise EventNotFound(
            f"{archive.path}: event {event_id} has no frames that {encoder} could encode; compare without --encoder"
        )
    else:
        first = _received(archive, event_id)
    return _report(archive, event_id, [first, (Side(label=str(path), **_identity(data)), data)])


_Filled = tuple[Side, bytes | None]


def _encoded(archive: Archive, event_id: int, encoder: EncoderName) -> _Filled:
    try:
        made = archive.encode(event_id, encoder)
    except EncodeRefused as refusal:
        return Side(label=str(encoder), message=str(refusal), findings=refusal.findings), None
    return Side(label=str(encoder), findings=made.findings, **_identity(made.data)), made.data


def _received(archive: Archive, event_id: int) -> _Filled:
    with archive.store.reading() as connection:
        received = files.event_files_of(connection, [event_id]).get(event_id, [])
    for file in received[-1:]:
        data = archive.file_bytes(file, event_id)
        return Side(label=f"received {file.name}", **_identity(data)), data
    raise EventNotFound(
        f"{archive.path}: event {event_id} has neither frames nor an event file; there is nothing to compare"
    )


def _identity(data: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}


def _read(path: Path) -> bytes:
    try:
        return read_file(path)
    except FileNotFoundError as error:
        raise NotFound(f"{path} does not exist; name a file to compare with") from error
    except OSError as error:
        raise StorageFailed(f"{path} cannot be read: {error.strerror}. Check that it is a file you may read") from error


def _report(archive: Archive, event_id: int, filled: list[_Filled]) -> ComparisonReport:
    row = archive.event(event_id)
    (first, data), *others = filled
    comparisons = []
    for side, other in others:
        both = data is not None and other is not None
        differences = describe_difference(data, other) if data is not None and other is not None else []
        comparisons.append(
            Comparison(
                one=first.label,
                other=side.label,
                same=not differences if both else data is other,
                differences=tuple(differences),
            )
        )
    return ComparisonReport(
        event_id=event_id,
        name=name_of(row),
        revision=row.revision,
        sides=tuple(side for side, _ in filled),
        comparisons=tuple(comparisons),
    )

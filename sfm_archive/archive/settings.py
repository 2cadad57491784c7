"""Settings of the archive itself: its making, the encoder and decoder that it pins, the zones of its units' clocks."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sfm_archive.archive.deriving import refresh_all
from sfm_archive.archive.reading import own_row
from sfm_archive.base.texts import checked_length, without_lone_surrogates
from sfm_archive.base.version import TOOL
from sfm_archive.model.encoders import EncoderName
from sfm_archive.model.serials import checked_serial
from sfm_archive.model.zones import UNKNOWN_ZONE, checked_zone
from sfm_archive.storage import archive_row, zones
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.new_archives import create_file
from sfm_archive.storage.store import Store

if TYPE_CHECKING:
    from sfm_archive.archive.archive import Archive
    from sfm_archive.plugins.loading import Plugins

_LONGEST_NAME = 255


def current_actor(given: str | None = None) -> str:
    """Who is working: the name given, else the login name, as far as the system knows it. Raises UsageError for a name
    of more than 255 characters."""
    if given is not None:
        checked_length(given, _LONGEST_NAME, "the name of who is working")
    try:
        return without_lone_surrogates(getpass.getuser() if given is None else given)
    except (OSError, KeyError, ImportError):
        return "unknown"


DEFAULT_ENCODER = "blastware@2"
"""Pinned by a new archive where none is named."""


def installed_plugins() -> Plugins:
    """What is installed, looked up when it is first asked for."""
    from sfm_archive.plugins.loading import Plugins

    return Plugins()


def create_archive(path: Path, encoder: EncoderName, decoder: EncoderName, actor: str) -> None:
    """Write a new, empty archive that pins both. Raises AlreadyExists, StorageFailed."""
    create_file(path, lambda connection: begin(connection, str(encoder), str(decoder), actor))


def begin(connection: Any, encoder: str, decoder: str, actor: str) -> None:
    """Write a new archive's own row, with an id that no other has, and the first row of its history."""
    import uuid

    from sfm_archive.storage.changes import Create  # here and below: opening an archive does not pay for writing
    from sfm_archive.storage.writing import Writing

    row = archive_row.ArchiveRow(uuid.uuid4().hex, utc_now(), TOOL, encoder, decoder)
    archive_row.insert(connection, row)
    said = Create(archive_id=row.archive_id, pinned_encoder=encoder, pinned_decoder=decoder)
    Writing(connection, row.created_at_utc).note(said, actor)


def pin_encoder(archive: Archive, encoder: str | EncoderName, actor: str) -> None:
    """Use an installed encoder where none is named; nothing changes where it is pinned already. Raises
    EncoderNotFound."""
    from sfm_archive.archive.encoding import installed_encoder
    from sfm_archive.storage.changes import PinEncoder
    from sfm_archive.storage.writing import Writing

    name = str(installed_encoder(archive, encoder).name)
    with archive.store.transaction() as connection:
        before = own_row(archive.store, connection).pinned_encoder
        if before != name:
            archive_row.pin_encoder(connection, name)
            Writing(connection).note(PinEncoder(before=before, after=name), actor)
            refresh_all(connection)


def state_time_zone(store: Store, serial: str, time_zone: str, actor: str) -> bool:
    """Say which zone a unit's clock shows; see `Archive.state_time_zone`."""
    from sfm_archive.storage.changes import StateTimeZone
    from sfm_archive.storage.writing import Writing

    unit, zone = checked_serial(serial), checked_zone(time_zone)
    with store.transaction() as connection:
        before = zones.of_units(connection).get(unit, UNKNOWN_ZONE)
        if before == zone:
            return False
        writing = Writing(connection)
        zones.state(writing, unit, zone)
        writing.note(StateTimeZone(serial=unit, before=before, after=zone), actor)
    return True

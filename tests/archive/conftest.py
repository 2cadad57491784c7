"""What an archive says, for tests that compare it with what it says elsewhere or later."""

from __future__ import annotations

from typing import Any

import sfm_archive as sfm
from sfm_archive.base.plain import to_plain
from sfm_archive.storage.cells import DERIVED


def what_it_says(archive: sfm.Archive) -> dict[str, Any]:
    """Lists, sums, statements, and every derived row."""
    with archive.store.reading() as connection:
        rows = {
            table: sorted(map(repr, connection.execute(f"SELECT * FROM {table}").fetchall()))
            for table in sorted(DERIVED)
        }
    info = {name: value for name, value in to_plain(archive.info()).items() if name not in ("size_on_disk",)}
    return {
        **rows,
        "info": info,
        "list": to_plain(list(archive.listing())),
        "summary": to_plain(sfm.summarise(archive, ("month", "point"))),
        "jobs": to_plain(sfm.overview(archive)),
        "blasts": to_plain(sfm.list_blasts(archive)),
        "units": to_plain(sfm.registered_units(archive)),
        "corrections": to_plain(sfm.corrections(archive)),
        "settings": to_plain(sfm.stated_settings(archive)),
        "left out": to_plain(sfm.left_out_files(archive)),
        "history": to_plain(sfm.told_history(archive)),
        "waiting": to_plain(archive.waiting()),
    }

"""What still reads of a damaged archive: rows sorted by the table that only they can belong to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sfm_archive.formats.sqlite_pages import Pages, StoredRow

_HASH = re.compile(r"[0-9a-f]{64}")
_ROW = dict[str, Any]

SHAPES: dict[str, tuple[str, str]] = {
    # table: columns in the order stored, and the type of each: k key that is the rowid, i integer, t text, h hash,
    # b bytes, n number or nothing. No two are alike, so a row tells its table although its page does not.
    "archive": ("only_row archive_id created_at_utc created_by pinned_encoder", "ktttt"),
    "event": ("event_id serial recorded_at_local start_key record_type time_zone received_at_utc", "ktttttt"),
    "event_name": ("event_id position name", "iit"),
    "frames": (
        "event_id revision format_version codec sha256 logical_size frame_count whole received_at_utc data",
        "iiithiiitb",
    ),
    "file_content": ("sha256 size codec data", "hitb"),
    "received_file": (
        "file_id sha256 size kind name folder pairs_with reproduced_by received_at_utc",
        "khitttttt",
    ),
    "reading": ("reading_id event_id source origin_sha256 reader received_at_utc", "kithtt"),
    "value": ("reading_id quantity channel number unit state text", "ittnttt"),
    "encoding": (
        "event_id revision family version outcome sha256 size findings distribution distribution_version"
        " encoded_at_utc",
        "iititti" + "tttt",
    ),
    "finding": ("event_id code message severity found_at_utc", "itttt"),
    "unit_time_zone": ("serial position time_zone stated_at_utc", "titt"),
    "handover": ("handover_id at_utc actor target options files manifest_sha256 record_sha256", "kttttihh"),
    "history": ("sequence at_utc actor tool action event_id detail previous_sha256 sha256", "kttttithh"),
}

_FITS: dict[str, Callable[[Any], bool]] = {
    "k": lambda value: value is None,
    "i": lambda value: isinstance(value, int),
    "t": lambda value: isinstance(value, str),
    "h": lambda value: isinstance(value, str) and _HASH.fullmatch(value) is not None,
    "b": lambda value: isinstance(value, bytes),
    "n": lambda value: value is None or isinstance(value, int | float),
}


@dataclass(slots=True)
class Wreck:
    """Rows by table; each a dict of its columns. `links` are (event_id, file_id). `unreadable` counts rows and why."""

    rows: dict[str, list[_ROW]] = field(default_factory=lambda: defaultdict(list))
    links: set[tuple[int, int]] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)
    pages: int = 0


def read_wreck(data: bytes, log: bytes = b"") -> Wreck:
    """Every row that reads, of whatever is left of the file and its write-ahead log.

    Pages of dropped or moved rows are read too: rows of an archive never change, so an older copy says the same.
    """
    pages = Pages(data, log)
    wreck = Wreck(pages=pages.count)
    seen = set[tuple[str, Any]]()
    roots: dict[str, int] = {}
    pairs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in pages.rows():
        if not isinstance(row, StoredRow):
            wreck.unreadable.append(f"page {row[0]}: {row[1]}")
            continue
        if row.rowid is None and len(row.values) == 2 and all(isinstance(value, int) for value in row.values):
            pairs[row.page].append(row.values)  # type: ignore[arg-type]
        if row.rowid is not None and len(row.values) == 5 and row.values[0] == "table":
            roots[str(row.values[1])] = row.values[3] if isinstance(row.values[3], int) else 0
        table = table_of(row)
        if table is None:
            continue
        names, shape = SHAPES[table]
        found = dict(zip(names.split(), row.values, strict=True))
        if shape[0] == "k":
            found[names.split()[0]] = row.rowid
        if table == "value" and found["number"] is not None:
            found["number"] = float(found["number"])  # whole numbers are stored short
        key = (table, tuple(found.values()))
        if key not in seen:
            seen.add(key)
            wreck.rows[table].append(found)
    # Pairs of numbers stand in indexes as well: only those in the table's own tree are links for certain.
    for page in pages.pages_below(roots.get("event_file", 0)):
        wreck.links.update(pairs.get(page, ()))
    return wreck


def table_of(row: StoredRow) -> str | None:
    """The table that a row belongs to by its shape, None for rows of indexes and of the structure."""
    for table, (_, shape) in SHAPES.items():
        if len(shape) != len(row.values):
            continue
        in_rowid_table = shape[0] == "k" or table in ("frames", "file_content")
        if (row.rowid is not None) != in_rowid_table:
            continue
        if all(_FITS[kind](value) for kind, value in zip(shape, row.values, strict=True)):
            return table
    return None

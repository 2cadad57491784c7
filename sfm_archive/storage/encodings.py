"""Rows of `encoding`: what each encoder made of each revision; and of `finding`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import apsw

from sfm_archive.base.json_records import from_json, json_value
from sfm_archive.base.plain import to_plain
from sfm_archive.model.encoders import EncoderName
from sfm_archive.model.findings import JOINED_CAPTURES, ONE_DOWNLOAD, Finding, Severity
from sfm_archive.storage.cells import read_as
from sfm_archive.storage.frames import CURRENT_FIRST
from sfm_archive.storage.id_lists import IDS, ids_text

if TYPE_CHECKING:
    from sfm_archive.storage.writing import Writing


class EncodingRow(NamedTuple):
    """One encoder's product: size and hash of the file, or a refusal with size 0 and hash ''."""

    event_id: int
    revision: int
    family: str
    version: int
    outcome: str
    sha256: str
    size: int
    findings_json: str
    distribution: str
    distribution_version: str
    encoded_at_utc: str

    @property
    def encoder(self) -> EncoderName:
        """The encoder's name."""
        return EncoderName(self.family, self.version)

    @property
    def encoded(self) -> bool:
        """Whether there is a file, not a refusal."""
        return self.outcome == "encoded"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the encoder found."""
        return findings_from(self.findings_json, f"event {self.event_id}: findings in table encoding")


_COLUMNS = (
    "event_id, revision, family, version, outcome, lower(hex(sha256)), size, findings, distribution,"
    " distribution_version, coalesce((SELECT at_utc FROM first_made WHERE first_made.sequence = encoding.sequence), '')"
    ' AS "history.at_utc"'
)


def findings_json(findings: Iterable[Finding]) -> str:
    """Findings as the schema keeps them."""
    plain = to_plain(findings)
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")) if plain else "[]"


def findings_from(text: str, where: str, table: str = "") -> tuple[Finding, ...]:
    """The inverse. Raises Damaged, naming `where` the text stands, for what no program writes."""
    return read_as(lambda text: tuple(from_json(Finding, plain) for plain in json_value(text)), text, where, table)


def insert(writing: Writing, row: EncodingRow) -> bool:
    """Add a record; False where there is one already, which stays as it is. Its time is that of the change."""
    columns = row._asdict()
    columns |= {"sha256": bytes.fromhex(row.sha256), "findings": row.findings_json}
    return writing.insert_new("encoding", columns)


def read(connection: apsw.Connection, event_id: int, revision: int, encoder: EncoderName) -> EncodingRow | None:
    """The record of one encoder for one revision."""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM encoding WHERE event_id = ? AND revision = ? AND family = ? AND version = ?",
        (event_id, revision, *encoder),
    ).fetchone()
    return None if row is None else EncodingRow._make(row)


def of_event(connection: apsw.Connection, event_id: int) -> list[EncodingRow]:
    """All records of an event."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM encoding WHERE event_id = ? ORDER BY revision, family, version", (event_id,)
    )
    return [EncodingRow._make(row) for row in rows.fetchall()]


def of_events(connection: apsw.Connection, event_ids: Iterable[int]) -> list[EncodingRow]:
    """All records of several events."""
    ids = ids_text(event_ids)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM encoding WHERE event_id IN {IDS} ORDER BY event_id, revision, family, version",
        (ids,),
    )
    return [EncodingRow._make(row) for row in rows.fetchall()]


def maker_of(connection: apsw.Connection, event_id: int, sha256: str) -> str:
    """The encoder that is recorded to have made exactly these bytes of the event, '' where none is."""
    row = connection.execute(
        "SELECT family || '@' || version FROM encoding WHERE event_id = ? AND sha256 = ?"
        " ORDER BY revision DESC, family, version DESC LIMIT 1",
        (event_id, bytes.fromhex(sha256)),
    ).fetchone()
    return "" if row is None else row[0]


def package_of(connection: apsw.Connection, encoder: EncoderName) -> tuple[str, str] | None:
    """The package, and its version, that an encoder last came from; None where it has no record."""
    row = connection.execute(
        "SELECT distribution, distribution_version FROM encoding WHERE family = ? AND version = ?"
        " ORDER BY sequence DESC LIMIT 1",
        encoder,
    ).fetchone()
    return None if row is None else (row[0], row[1])


def current_of(connection: apsw.Connection, event_ids: Iterable[int], encoder: EncoderName) -> dict[int, EncodingRow]:
    """For several events, the record of one encoder for the current revision, where there is one."""
    ids = ids_text(event_ids)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM encoding WHERE event_id IN {IDS} AND family = ?"
        " AND version = ? AND revision = (SELECT revision FROM frames WHERE frames.event_id = encoding.event_id"
        f" ORDER BY {CURRENT_FIRST.format('frames')} LIMIT 1)",
        (ids, *encoder),
    )
    records = [EncodingRow._make(row) for row in rows.fetchall()]
    return {record.event_id: record for record in records}


def add_finding(writing: Writing, event_id: int, finding: Finding) -> bool:
    """Keep what was noticed about an event; False where it is kept already."""
    row = {
        "event_id": event_id,
        "code": finding.code,
        "message": finding.message,
        "severity": finding.severity.value,
    }
    return writing.insert_new("finding", row)


def with_finding(connection: apsw.Connection, event_ids: Iterable[int], code: str) -> set[int]:
    """Those of several events of which something with this code was noticed."""
    rows: list[Any] = connection.execute(
        f"SELECT DISTINCT event_id FROM finding WHERE event_id IN {IDS} AND code = ?", (ids_text(event_ids), code)
    ).fetchall()
    return {event_id for (event_id,) in rows}


def unproven(connection: apsw.Connection, event_ids: Iterable[int]) -> set[int]:
    """Those of several events whose current frames were put together of several captures by addresses alone, and of
    which no one file was received that has all of these frames."""
    rows: list[Any] = connection.execute(
        # Not by the view `current_frames`, which SQLite makes of all frames for it.
        "SELECT DISTINCT frames.event_id FROM finding JOIN frames ON frames.event_id = finding.event_id AND revision ="
        " (SELECT revision FROM frames AS now WHERE now.event_id = finding.event_id"
        f" ORDER BY {CURRENT_FIRST.format('now')} LIMIT 1)"
        f" WHERE finding.event_id IN {IDS}"
        " AND code = ? AND severity = 'warning'"
        " AND EXISTS (SELECT 1 FROM finding AS own WHERE own.event_id = frames.event_id AND own.code = ?"
        " AND own.sequence = frames.sequence)"
        " AND NOT EXISTS (SELECT 1 FROM finding AS own WHERE own.event_id = frames.event_id AND own.code = ?)"
        " AND NOT EXISTS (SELECT 1 FROM event_file JOIN received_file USING (file_id)"
        " WHERE event_file.event_id = frames.event_id AND reproduced_by <> '')",
        (ids_text(event_ids), JOINED_CAPTURES, JOINED_CAPTURES, ONE_DOWNLOAD),
    ).fetchall()
    return {event_id for (event_id,) in rows}


def findings_of(connection: apsw.Connection, event_id: int) -> list[Finding]:
    """What was noticed about an event when it was received."""
    rows = connection.execute(
        "SELECT code, message, severity FROM finding WHERE event_id = ? ORDER BY sequence, code, message",
        (event_id,),
    )
    found: list[tuple[Any, ...]] = rows.fetchall()
    return [Finding(code=code, message=message, severity=Severity(word)) for code, message, word in found]

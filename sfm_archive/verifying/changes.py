"""The history: every row bound to the one before, and everything that it says was received is still there."""

from __future__ import annotations

import json
from typing import Any

from sfm_archive.formats.encoded import parse_encoder_name
from sfm_archive.holdings import Holdings
from sfm_archive.storage import events, history, integrity
from sfm_archive.storage.history import FIRST_PREVIOUS, HistoryRow
from sfm_archive.verifying.report import Account, VerifyFinding

_COMPARE = "compare with a backup; what the rows say before this one still holds"
_RESTORE = "take it from a backup, or import it again: that adds what is missing"


class HistoryCheck:
    """Follows the chain row by row. `events` and `revisions` are those that the archive holds."""

    def __init__(self, holdings: Holdings, account: Account) -> None:
        self._holdings = holdings
        self._account = account
        self._expected = 1
        self._previous = FIRST_PREVIOUS
        self._events: set[int] = set()
        self._revisions: set[tuple[int, int]] = set()

    @property
    def head(self) -> str:
        """The hash of the last row that was seen."""
        return self._previous

    def row(self, sequence: int) -> None:
        """Check one row: its own hash, its bond, and what it says."""
        self._account.count("history rows")
        with self._account.going_on(f"history row {sequence}"):
            with self._holdings.store.reading() as connection:
                found = history.rows(connection, behind=sequence - 1, limit=1)
            if not found or found[0].sequence != sequence:
                return
            row = found[0]
            self._chain(row)
            self._expected, self._previous = sequence + 1, row.sha256
            self._said(row)

    def unrecorded(self, held_events: set[int], held_revisions: set[tuple[int, int]]) -> None:
        """Events and frames that no row speaks of: another program put them there."""
        for event_id in sorted(held_events - self._events):
            self._add("unrecorded", "event", "the history does not say that it was ever received", event_id, _COMPARE)
        for event_id, revision in sorted(held_revisions - self._revisions):
            if event_id in self._events:
                subject = f"frames revision {revision}"
                self._add("unrecorded", subject, "the history does not say that they were received", event_id, _COMPARE)

    def _chain(self, row: HistoryRow) -> None:
        subject = f"history row {row.sequence}"
        if row.sequence != self._expected:
            gap = f"rows {self._expected} to {row.sequence - 1} are missing"
            self._add("history", subject, f"{gap} before it", None, _COMPARE)
        elif row.previous_sha256 != self._previous:
            self._add("history", subject, "is not bound to the row before it", None, _COMPARE)
        own = history.row_hash(
            row.sequence, row.at_utc, row.actor, row.tool, row.action, row.event_id, row.detail, row.previous_sha256
        )
        if own != row.sha256:
            altered = f"was altered: it hashes to {own[:12]}…, not {row.sha256[:12]}…"
            self._add("history", subject, altered, None, _COMPARE)

    def _said(self, row: HistoryRow) -> None:
        try:
            detail = json.loads(row.detail)
        except (ValueError, RecursionError):
            return  # its hash does not fit either
        if isinstance(detail, dict):
            if "event" in detail:
                self._events.add(row.event_id)
                self._event(row.event_id, detail["event"])
            if "frames" in detail:
                self._frames(row.event_id, detail["frames"])
            for key in ("encoding", "encoder"):
                if key in detail:
                    self._encoding(row.event_id, detail if key == "encoder" else detail[key], detail)
            for file in detail.get("files", ()):
                self._file(row.event_id, file)

    def _event(self, event_id: int, said: Any) -> None:
        with self._holdings.store.reading() as connection:
            row = events.read(connection, event_id)
        if row is None:
            what = f"{said['serial']} {said['recorded_at_local']} {said['record_type']}"
            self._add("missing", "event", f"was received ({what}) and is not there any more", event_id, _RESTORE)
            return
        for column, value in said.items():
            if getattr(row, column, value) != value:
                message = f"{column} is {getattr(row, column)!r}, received was {value!r}; its frames are checked apart"
                self._add("event", "identity", message, event_id, "take the event from a backup")

    def _frames(self, event_id: int, said: dict[str, Any]) -> None:
        revision = int(said["revision"])
        self._revisions.add((event_id, revision))
        with self._holdings.store.reading() as connection:
            found = integrity.frames_hash(connection, event_id, revision)
        subject = f"frames revision {revision}"
        if not found:
            self._add("missing", subject, "were received and are not there any more", event_id, _RESTORE)
        elif found != said["sha256"]:
            message = f"are other ones than received: hash {found[:12]}…, the history says {said['sha256'][:12]}…"
            self._add("frames", subject, message, event_id, "take the event from a backup")

    def _encoding(self, event_id: int, said: dict[str, Any], detail: dict[str, Any]) -> None:
        if said.get("outcome") not in ("encoded", "refused"):
            return  # a plug-in failed; nothing was recorded
        revision = int(said.get("revision") or detail["frames"]["revision"])
        name = parse_encoder_name(said["encoder"])
        with self._holdings.store.reading() as connection:
            found = integrity.encoding_hash(connection, event_id, revision, *name)
        subject = f"{name} of frames revision {revision}"
        if found is None:
            advice = "an export with this encoder makes and records it again; compare its hash with the history"
            self._add("missing", subject, "its record is not there any more", event_id, advice)
        elif found != said["sha256"]:
            self._add("encoding", subject, "its record is another one than the history says", event_id, _COMPARE)

    def _file(self, event_id: int, said: dict[str, Any]) -> None:
        with self._holdings.store.reading() as connection:
            there = integrity.has_received(connection, said["sha256"], said["kind"], said["name"])
        if not there:
            subject = f"{said['kind']} {said['name']}"
            self._add("missing", subject, "was received and is not there any more", event_id or None, _RESTORE)

    def _add(self, code: str, subject: str, message: str, event_id: int | None, advice: str) -> None:
        self._account.add(VerifyFinding(code=code, subject=subject, message=message, advice=advice, event_id=event_id))

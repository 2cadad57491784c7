"""Notices go out one after the other, and the history says of each that it did.

A notice is noted only when the program has ended well: one that fails is tried again behind a growing pause, and a kill
between the program's end and the note sends it once more, with the same id. Nothing is lost for a rare second one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Event
from typing import Final, Protocol

from sfm_archive.archive import Archive
from sfm_archive.importing import ImportItem, ImportReport
from sfm_archive.limits.verdicts import Limits
from sfm_archive.storage import notices
from sfm_archive.storage.changes import NoticesUpTo, SendNotice
from sfm_archive.storage.clock import utc_now
from sfm_archive.storage.notices import Sent
from sfm_archive.storage.writing import Writing
from sfm_archive.watching.events_due import events_due
from sfm_archive.watching.notice import Notice
from sfm_archive.watching.programs import run_program
from sfm_archive.watching.rejects import rejected
from sfm_archive.watching.units_due import units_due

_FIRST_PAUSE_S: Final = 2.0
_LONGEST_PAUSE_S: Final = 600.0


class Heard(Protocol):
    """What hears of notices: each that went out, and what is wrong with the program."""

    def sent(self, notice: Notice) -> None:
        """A notice went out, and that is noted."""

    def told(self, sentence: str) -> None:
        """Something that somebody should know."""


class Sender:
    """Sends what is due. `program`: with its arguments; `silent_after_s`: as of `units_due`; `fallback`: limits for
    events whose point has none."""

    def __init__(
        self,
        program: Sequence[str],
        seconds: float,
        fallback: Limits,
        silent_after_s: float | None,
        heard: Heard,
    ) -> None:
        self._program, self._seconds = tuple(program), seconds
        self._fallback, self._silent_after_s = fallback, silent_after_s
        self._heard = heard
        self._rejected: dict[Sent, Notice] = {}
        self._tries: dict[Sent, int] = {}
        self._ended: list[Notice] = []
        self._failures = 0
        self._not_before = 0.0

    def begin(self, archive: Archive) -> None:
        """The first time that notices are sent of an archive they are about what comes from now on."""
        with archive.store.transaction() as connection:
            if notices.looked_up_to(connection) is None:
                change = NoticesUpTo(up_to=archive.history_head()[0])
                Writing(connection).note(change, archive.actor)

    def remember_rejected(self, archive: Archive, refused: Sequence[ImportItem], report: ImportReport) -> None:
        """What an import did not take of files leaves nothing in the archive to find it by. `refused`: its files that
        were not taken for what is in them."""
        for notice in rejected(refused, report, str(archive.path), archive.info().archive_id, utc_now()):
            self._rejected[notice.sent] = notice

    @property
    def is_behind(self) -> bool:
        """Whether a notice is known to be due that did not go out."""
        return bool(self._failures or self._ended)

    def is_pausing(self, now: float) -> bool:
        """Whether the program failed a while ago, and is left alone."""
        return now < self._not_before

    def send_all(self, opened: Callable[[], Archive], clock: Callable[[], float], stop: Event) -> None:
        """Send whatever is due, until the program fails or `stop` is set. The archive is not open while it runs. Raises
        what opening and reading the archive raise."""
        with opened() as archive:
            self._note(archive, self._take_ended())
            head, due = self._due(archive)
        went = True
        # One that the program cannot take does not hold up the others.
        for notice in sorted(due, key=lambda one: self._tries.get(one.sent, 0)):
            if stop.is_set():
                return
            why = run_program(self._program, notice, self._seconds)
            self._tries[notice.sent] = self._tries.get(notice.sent, 0) + 1
            if why:
                self._fail(why, notice, clock())
                went = False
                break
            self._failures, self._not_before = 0, 0.0
            self._ended.append(notice)
            with opened() as archive:
                self._note(archive, self._take_ended())
        if went:
            self._failures = 0
            self._rejected.clear()
            with opened() as archive:
                self._note_up_to(archive, head)

    def _due(self, archive: Archive) -> tuple[int, list[Notice]]:
        now, head = utc_now(), archive.history_head()[0]
        with archive.store.reading() as connection:
            behind = notices.looked_up_to(connection)
            sent = notices.sent_of_no_event(connection)
        found = list(events_due(archive, head if behind is None else behind, self._fallback, now))
        found += units_due(archive, self._silent_after_s, now)
        found += [notice for known, notice in self._rejected.items() if known not in sent]
        return head, found

    def _take_ended(self) -> list[Notice]:
        return list(self._ended)

    def _note(self, archive: Archive, ended: Iterable[Notice]) -> None:
        """Say in the history what went out. What cannot be noted now is when the archive can be written."""
        for notice in ended:
            sent = notice.sent
            change = SendNotice(
                kind=sent.kind,
                about=sent.about,
                once_for=sent.once_for,
                program=Path(self._program[0]).name,
                tries=self._tries.get(sent, 1),
            )
            with archive.store.transaction() as connection:
                Writing(connection).note(change, archive.actor, sent.event_id)
            self._ended.remove(notice)
            self._tries.pop(sent, None)
            self._heard.sent(notice)

    def _note_up_to(self, archive: Archive, head: int) -> None:
        """Where something came since it was said last."""
        with archive.store.reading() as connection:
            before = notices.looked_up_to(connection)
            came = before is None or bool(notices.received_behind(connection, before))
        if came and (before is None or before < head):
            with archive.store.transaction() as connection:
                Writing(connection).note(NoticesUpTo(up_to=head), archive.actor)

    def _fail(self, why: str, notice: Notice, now: float) -> None:
        self._failures += 1
        pause = min(_FIRST_PAUSE_S * 2 ** (self._failures - 1), _LONGEST_PAUSE_S)
        self._not_before = now + pause
        self._heard.told(
            f"the notice did not go out, it is sent again in {pause:g} s: {why}; {notice.kind}: {notice.sentence}"
        )

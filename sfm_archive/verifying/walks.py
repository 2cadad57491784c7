"""The walks over an archive's rows: by pages, each looked at together, by several processes where that pays."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from typing import NamedTuple, Self

from sfm_archive.archive import Archive
from sfm_archive.base.processes import cores, done_here, done_in_processes
from sfm_archive.storage import integrity
from sfm_archive.storage.integrity import (
    CONTENT_KEYS,
    FILE_KEYS,
    FRAMES_KEYS,
    HISTORY_KEYS,
    SUMMARY_KEYS,
    Key,
    Keys,
    Unreadable,
)
from sfm_archive.storage.place import identity
from sfm_archive.verifying.report import COPY_FIRST, Account, VerifyFinding
from sfm_archive.verifying.resume_point import ResumePoint
from sfm_archive.verifying.sound import AT_ONCE, Page, Sound, SoundCheck, page_there, start

_IN_PAGES = (FRAMES_KEYS, HISTORY_KEYS, SUMMARY_KEYS)
"""In this order, for a derived row says nothing before it is known what of its content is damaged."""

EVERY_SUBJECT = frozenset(what.subject for what in (*_IN_PAGES, CONTENT_KEYS, FILE_KEYS))

_WORTH_A_PROCESS = 5000
"""Rows for which a process more is started: that takes as long as a thousand rows."""

_DIED = "a verifying process ended unexpectedly; nothing was changed. Verify again with --processes 1 to see why"


class LookedAt(NamedTuple):
    """A page of a walk: its keys, those of them that are to be looked at now, and what of these is right."""

    keys: list[Key]
    taken: list[Key]
    sound: Sound

    @property
    def left(self) -> list[Key]:
        """What is to be looked at alone."""
        return [key for key in self.taken if key not in self.sound.keys]

    @property
    def passed_over(self) -> list[Key]:
        """What is not to be looked at now."""
        taken = set(self.taken)
        return [key for key in self.keys if key not in taken] if len(taken) < len(self.keys) else []


class _Label(NamedTuple):
    what: Keys
    keys: list[Key]
    taken: list[Key]


class Walks:
    """All walks of one verification. `looked_into`: the subjects of which what the rows stand for is looked at; of the
    others only whether the rows are there."""

    def __init__(
        self,
        archive: Archive,
        account: Account,
        resume_point: ResumePoint,
        until: int,
        looked_into: Collection[str],
        *,
        processes: int,
    ) -> None:
        self._archive = archive
        self._account = account
        self._resume_point = resume_point
        self._until = until
        self._looked_into = looked_into
        self._results = self._looked_at(processes or min(cores(), account.total // _WORTH_A_PROCESS) or 1)
        self._following: tuple[_Label, Sound] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._results.close()

    def of(self, what: Keys) -> Iterator[LookedAt]:
        """The pages of a table that is walked in pages; the tables in their order."""
        while True:
            if self._following is None:
                self._following = next(self._results, None)
            if self._following is None or self._following[0].what != what:
                return
            (label, sound), self._following = self._following, None
            yield LookedAt(label.keys, label.taken, sound)
            self._resume_point.did(what.subject, label.taken)

    def alone(self, what: Keys) -> Iterator[Key]:
        """The keys of another table that are to be looked at, one by one."""
        for page in self.pages(what) if what.subject in self._looked_into else ():
            for key in page:
                if self._resume_point.takes(what.subject, key):
                    yield key
                    self._resume_point.did(what.subject, [key])

    def pages(self, what: Keys) -> Iterator[list[Key]]:
        """The keys of a table that can be read, many at a time; what cannot becomes a finding."""
        for page in integrity.keys(self._archive.store.connection, self._archive.path, what, self._until):
            if isinstance(page, Unreadable):
                behind, before = page.between
                self._account.add(
                    VerifyFinding(
                        code="unreadable",
                        subject=page.subject,
                        message=f"the rows between {behind or 'the first'} and {before or 'the last'} cannot be read: "
                        f"{page.reason}; those outside can",
                        advice=COPY_FIRST,
                    )
                )
            else:
                yield page
                self._account.step(len(page))

    def _looked_at(self, processes: int) -> Generator[tuple[_Label, Sound], None, None]:
        here = SoundCheck(self._archive).page
        if processes == 1 or not self._looked_into:
            return done_here(self._pages(), here)
        path = self._archive.path
        return done_in_processes(
            self._pages(),
            processes,
            page_there,
            here=here,
            died=lambda _: _DIED,
            start=start,
            start_with=(str(path), identity(path)),
        )

    def _pages(self) -> Iterator[tuple[_Label, Page]]:
        for what in _IN_PAGES:
            looked_into = what.subject in self._looked_into
            for page in self.pages(what):
                at = 0
                while at < len(page):
                    # One thing is checked in every run, however little time there is for it.
                    keys = page[at : at + (AT_ONCE if self._resume_point.checked or not looked_into else 1)]
                    at += len(keys)
                    taken = self._resume_point.of_page(what.subject, keys) if looked_into else []
                    yield _Label(what, keys, taken), Page(what.subject, taken)

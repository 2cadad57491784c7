"""What a verification found, and what it looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sfm_archive.base.plain import in_json
from sfm_archive.base.progress import Progress
from sfm_archive.errors import Damaged, StorageFailed, UsageError
from sfm_archive.model.findings import Severity
from sfm_archive.storage.failures import says_damage
from sfm_archive.verifying.options import EVERYTHING, Level

COUNTED_IN_WALKS = ("frame revisions", "file contents", "received files", "encodings", "summaries")
"""What is looked at as far as it belongs to the share; these counts go on where a verification is resumed, the others
are made anew."""

CHECKED = ("events", "frame revisions", "file contents", "received files", "encodings", "summaries", "history rows")
"""What is counted, in the order of the report."""

DERIVED = "derived"

CANNOT_BE_READ = (ValueError, TypeError, KeyError, AttributeError)
"""What reading a damaged row can end in, for it can hold anything: texts that are not UTF-8, numbers where texts
belong."""

COPY_FIRST = "copy the archive as it is, then go on with a backup and import into it what came since"

_MOST_FINDINGS = 10_000
"""A file that is damaged all over would otherwise fill the memory with sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyFinding:
    """One thing that is wrong, or (with severity NOTE) could not be checked.

    `code` is a stable word for programs: `structure`, `reference`, `unreadable`, `archive`, `event`, `frames`,
    `encoding`, `content`, `file`, `values`, `rows`, `derived`, `counts`, `history`, `missing`, `unrecorded`,
    `not-shown`; of notes `not-checked`, `no-record`, `added-index`. `subject` names what is meant: `frames revision 1`,
    `file M529LKIQ.7M0W`, `history row 17`. `message` says what is damaged and what is still good,
    `advice` is one line of what to do.
    """

    code: str
    severity: Severity = Severity.REFUSAL
    event_id: int | None = None
    subject: str
    message: str
    advice: str

    @property
    def is_out_of_date(self) -> bool:
        """Whether it is about a row of the derived half, and says nothing against what was received."""
        return self.code == DERIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """The whole verification. `checked` counts each kind of thing that was looked at, damaged ones included.

    Keep `history_head` outside the archive: with an earlier one in hand, rows cut off the history's end show too.
    `sealed`: the last change sealed the archive.
    """

    path: str
    findings: tuple[VerifyFinding, ...]
    checked: dict[str, int]
    history_head: str
    level: Level = Level.FULL
    share: str = EVERYTHING.text
    unchecked: int = 0
    """Things of the share that there was no time for."""
    sealed: bool = False

    @property
    @in_json("complete")
    def complete(self) -> bool:
        """Whether it came to its end: nothing of what was to be checked is left."""
        return not self.unchecked

    @property
    @in_json("ok")
    def ok(self) -> bool:
        """Whether nothing is damaged; notes do not count."""
        return not self.damage

    @property
    def damage(self) -> tuple[VerifyFinding, ...]:
        """Findings that are more than a note."""
        return tuple(finding for finding in self.findings if finding.severity is not Severity.NOTE)

    @property
    @in_json("nothing_fell_into_it")
    def nothing_fell_into_it(self) -> bool:
        """Whether the share had nothing, so that nothing is said of the stored bytes."""
        nothing = not any(self.checked[what] for what in COUNTED_IN_WALKS)
        return self.level is Level.FULL and self.share != EVERYTHING.text and nothing

    @property
    def only_out_of_date(self) -> bool:
        """Whether `sfm rebuild` puts everything right."""
        return not self.ok and all(finding.is_out_of_date for finding in self.damage)

    @property
    def notes(self) -> tuple[VerifyFinding, ...]:
        """What was not checked, and why."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.NOTE)


@dataclass(slots=True)
class Account:
    """The report while it grows."""

    total: int
    progress: Progress
    findings: list[VerifyFinding] = field(default_factory=list)
    checked: dict[str, int] = field(default_factory=lambda: dict.fromkeys(CHECKED, 0))
    left_out: int = 0
    _done: int = 0

    def count(self, what: str, things: int = 1) -> None:
        """More things were looked at; `step` reports the progress."""
        self.checked[what] += things

    def step(self, rows: int = 1) -> None:
        """More rows of the walks are done."""
        before, self._done = self._done, self._done + rows
        if self._done // 100 > before // 100:
            self.progress(min(self._done, self.total), self.total)

    def add(self, finding: VerifyFinding) -> None:
        """Keep a finding."""
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(finding)
        else:
            self.left_out += 1

    @contextmanager
    def going_on(self, subject: str, event_id: int | None = None) -> Iterator[None]:
        """Turn damage that ends one check into a finding, so that the next one is made."""
        try:
            yield
        except (Damaged, StorageFailed, UsageError, *CANNOT_BE_READ) as error:
            if isinstance(error, StorageFailed) and not says_damage(error.__cause__):
                raise  # a full disk, or whatever else is not the archive's fault
            self.add(
                VerifyFinding(
                    code="unreadable",
                    event_id=event_id,
                    subject=subject,
                    message=f"cannot be read: {error.__cause__ or error}",
                    advice="copy the archive as it is, then take what is missing from a backup",
                )
            )

"""A list of blasts taken into a job: all of its lines in one change, or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sfm_archive.archive import Archive
from sfm_archive.archive.deriving import TakenBack
from sfm_archive.base.progress import Progress, silent
from sfm_archive.base.regular_files import read_file
from sfm_archive.base.texts import quoted, without_lone_surrogates
from sfm_archive.errors import BadInput, UsageError
from sfm_archive.formats.blast_lists import Asked, BlastList, ListedLine, read_blast_list
from sfm_archive.formats.time_forms import strptime_form
from sfm_archive.model.blasting import CHARGES
from sfm_archive.model.statements import Blast
from sfm_archive.model.zones import checked_zone
from sfm_archive.sites.blasts import Ground, Key, SaidOfBlast, ground_of, key_of
from sfm_archive.sites.jobs import checked_place
from sfm_archive.sites.stating import Attached, who, why
from sfm_archive.storage import files, statements
from sfm_archive.storage.changes import MakeStatement
from sfm_archive.storage.writing import Writing

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedLine:
    """A line of a list of which nothing is taken. `line`: its number; `why`: what is wrong with it."""

    line: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlastsImported:
    """What a list of blasts brought. `file`: its name; `sha256`: of its bytes, which are kept. `lines`: that say
    something. `added`, `corrected`: number of blasts; `unchanged`: that were there so before, or stand in the list
    twice. `kept`: False where lines were rejected, so that nothing was kept, and with `dry_run`. `rejects`: lines that
    are no blast. `unread`: headings of columns that were not read."""

    file: str
    sha256: str
    lines: int
    added: int
    corrected: int
    unchanged: int
    kept: bool
    dry_run: bool
    rejects: tuple[RejectedLine, ...]
    unread: tuple[str, ...]


def import_blasts(
    archive: Archive,
    job: str,
    path: str | Path,
    *,
    charge_unit: str = "",
    date_format: str = "",
    time_zone: str = "",
    without_rejects: bool = False,
    by: str = "",
    reason: str = "",
    dry_run: bool = False,
    progress: Progress = silent,
) -> BlastsImported:
    """Take a CSV list of blasts into a job, in one change. `charge_unit`: 'kg' or 'lb', where the list has none;
    `date_format`: of times that are not ISO 8601, such as 'DD.MM.YYYY hh:mm', together with `time_zone`, which else is
    the job's. A line that is no blast keeps the whole list out, unless `without_rejects`.

    A blast whose time and name are known is left as it is, or corrected where numbers differ; an empty cell takes
    nothing back. Raises BadInput for a file that is no list, NotFound, UsageError, ReadOnlyArchive, Busy.
    """
    name = Path(path).name
    if charge_unit and charge_unit.lower() not in CHARGES:
        raise UsageError(f"{quoted(charge_unit)} is no unit of a charge; it is kg or lb")
    if date_format and not time_zone:
        raise UsageError("times in a form of their own need their zone as well; give --time-zone, as Europe/Berlin")
    zone = checked_zone(time_zone) if time_zone else ""
    form = strptime_form(date_format) if date_format else ""
    try:
        data = read_file(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); give a blast list as CSV") from error
    with archive.store.reading() as connection:
        ground = ground_of(archive, connection, job)
    ground.zone(zone)
    asked = Asked(tuple(one.name for one in ground.points.values()), charge_unit, form)
    try:
        listed = read_blast_list(data, asked, progress=_first_half(progress))
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    taking = _Taking(archive, listed, zone, who(archive, by), why(reason) or f"blast list {name}")
    attached = Attached("blast list", without_lone_surrogates(name), data)
    try:
        with archive.store.transaction() as connection:
            rows = taking.rows(ground_of(archive, connection, job), _second_half(progress))
            if taking.rejects and not without_rejects:
                raise TakenBack
            if rows:
                _keep(archive, connection, rows, attached)
            if dry_run:
                raise TakenBack
    except TakenBack:
        pass
    rejected = bool(taking.rejects) and not without_rejects
    return BlastsImported(
        file=name,
        sha256=attached.sha256,
        lines=len(listed.lines) + len(listed.rejects),
        added=taking.added,
        corrected=taking.corrected,
        unchanged=taking.unchanged,
        kept=not rejected and not dry_run,
        dry_run=dry_run,
        rejects=tuple(sorted(taking.rejects, key=lambda one: one.line)),
        unread=listed.unread,
    )


class _Taking:
    """Lines of a list as they become blasts."""

    def __init__(self, archive: Archive, listed: BlastList, zone: str, decided_by: str, reason: str) -> None:
        self._listed, self._zone, self._decided_by, self._reason = listed, zone, decided_by, reason
        self.rejects = [RejectedLine(line=one.line, why=one.why) for one in listed.rejects]
        self.added = self.corrected = self.unchanged = 0

    def rows(self, ground: Ground, progress: Progress) -> list[Blast]:
        """The rows to keep, those of one blast once."""
        found: dict[Key, tuple[int, Blast]] = {}
        for done, line in enumerate(self._listed.lines, start=1):
            try:
                self._take(line, ground, found)
            except UsageError as error:
                self.rejects.append(RejectedLine(line=line.line, why=str(error)))
            if done % _AT_ONCE == 0 or done == len(self._listed.lines):
                progress(done, len(self._listed.lines))
        return [row for _, row in found.values() if row.reason]

    def _take(self, line: ListedLine, ground: Ground, found: dict[Key, tuple[int, Blast]]) -> None:
        said = SaidOfBlast(
            at=line.at,
            zone=self._zone or None,
            name=line.name,
            charge=line.charge,
            place=checked_place(*line.place) if any(line.place) else None,
            distances=line.distances,
        )
        row, before = ground.blast(said, self._decided_by, self._reason)
        key = key_of(row)
        number, twin = found.get(key, (0, None))
        if twin is not None:
            if twin[2:-3] != row[2:-3]:
                raise UsageError(f"line {number} has this time and name with other numbers; leave one of them out")
            self.unchanged += 1
            return
        if before is not None and before[2:-3] == row[2:-3]:
            self.unchanged += 1
            row = row._replace(reason="")  # nothing of it is to be kept
        elif before is None:
            self.added += 1
        else:
            self.corrected += 1
        found[key] = line.line, row


def _keep(archive: Archive, connection: Any, rows: list[Blast], attached: Attached) -> None:
    writing = Writing(connection)
    if not files.has_content(connection, attached.sha256):
        files.add_content(writing, attached.sha256, len(attached.data), files.cut(attached.data))
    kept: Iterator[Blast] = statements.add_many(writing, rows)
    first = next(kept)
    count = 1 + sum(1 for _ in kept)
    change = MakeStatement(
        table="blast",
        number=first.number,
        position=first.position,
        count=count,
        files=((attached.kind, attached.name, attached.sha256),),
    )
    writing.note(change, archive.actor)


def _first_half(progress: Progress) -> Progress:
    return lambda done, total: progress(done, 2 * total)


def _second_half(progress: Progress) -> Progress:
    return lambda done, total: progress(total + done, 2 * total)

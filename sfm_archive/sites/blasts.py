"""Blasts of a job: added, corrected, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sfm_archive.archive import Archive
from sfm_archive.base.shell_words import command_line
from sfm_archive.base.texts import folded
from sfm_archive.errors import UsageError
from sfm_archive.model.blasting import Charge, written_charge, written_distance
from sfm_archive.model.statements import Blast, Job, Point
from sfm_archive.model.timestamps import local_text
from sfm_archive.model.zones import UNKNOWN_ZONE, checked_zone, is_repeated
from sfm_archive.sites.blast_distances import check_place, distances_from, distances_text
from sfm_archive.sites.jobs import Place, checked_place, job_named, points_of
from sfm_archive.sites.proposing import notes_on_confirmed
from sfm_archive.sites.stating import StatementMade, one_line, state, that_counts, who, why, withdraw
from sfm_archive.storage import statements

_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 2199
"""Of blasts that a unit can have recorded; any other year is a slip."""


Key = tuple[str, int | None, str]
"""Time, which of two in an hour that comes twice, and name as a search compares it."""


def blast_listing(archive: Archive) -> str:
    """The command that lists blasts."""
    return command_line("sfm", "blast", "list", archive.path)


class SaidOfBlast(NamedTuple):
    """What is said of a blast; None for what is not said. `at`: with or without an offset. `distances`: metres by the
    name of a point, None for a distance that is taken back."""

    at: datetime | None = None
    zone: str | None = None
    name: str | None = None
    charge: Charge | None = None
    place: Place | None = None
    distances: Mapping[str, float | None] | None = None


def add_blast(
    archive: Archive,
    job: str,
    at: datetime,
    *,
    name: str = "",
    charge: str = "",
    coordinates: str = "",
    grid: str = "",
    distances: Sequence[tuple[str, str]] = (),
    zone: str = "",
    by: str = "",
    reason: str = "",
    dry_run: bool = False,
) -> StatementMade:
    """Add a blast to a job. `at`: in `zone`, or in that of the job where none is given. `charge`: the greatest of one
    delay with its unit, '120 kg' or '265 lb'. `coordinates`, `grid`: as for `add_point`. `distances`: each as the
    name of a point and its distance with its unit, ('Church', '450m'); they count before computed ones.

    The same job, time and name again changes nothing where it says the same; other numbers correct it, with a `reason`.
    Raises NotFound, UsageError for what cannot be, ReadOnlyArchive, Busy.
    """
    said = SaidOfBlast(
        at=at,
        zone=zone or None,
        name=name,
        charge=written_charge(charge) if charge.strip() else None,
        place=checked_place(coordinates, grid) if coordinates or grid else None,
        distances={point: written_distance(text) for point, text in distances},
    )

    def make(connection: Any) -> Blast:
        ground = ground_of(archive, connection, job)
        row, before = ground.blast(said, who(archive, by), why(reason))
        if before is not None and row[2:-3] != before[2:-3] and not row.reason:
            raise UsageError(
                f"blast {before.number} is there already with other numbers ({before.told}); to correct it, say why "
                "with --reason"
            )
        return row

    return state(archive, make, dry_run=dry_run)


def correct_blast(
    archive: Archive,
    blast: int,
    *,
    at: datetime | None = None,
    zone: str | None = None,
    name: str | None = None,
    charge: str | None = None,
    coordinates: str | None = None,
    grid: str | None = None,
    distances: Sequence[tuple[str, str]] = (),
    by: str = "",
    reason: str,
    dry_run: bool = False,
) -> StatementMade:
    """Say otherwise of a blast by its number; None leaves a part as it is, '' takes it back. As `add_blast`."""
    reason = why(reason, needed=f"correcting blast {blast}")
    place = None
    if coordinates is not None or grid is not None:
        place = checked_place(coordinates or "", grid or "")
    said = SaidOfBlast(
        at=at,
        zone=zone,
        name=name,
        charge=written_charge(charge) if charge else None,
        place=place,
        distances={point: written_distance(text) if text else None for point, text in distances},
    )

    def make(connection: Any) -> Blast:
        own = that_counts(connection, Blast, blast, blast_listing(archive))
        ground = ground_of(archive, connection, str(own.job), by_number=True)
        if charge == "":
            own = own._replace(charge=None, charge_unit="")
        row = ground.changed(own, said, who(archive, by), reason)
        other = ground.known.get(key_of(row))
        if other is not None and other.number != row.number:
            raise UsageError(f"blast {other.number} of that job has this time and name already ({other.told})")
        return row

    def notes(connection: Any, row: Blast) -> list[str]:
        return [] if at is None and zone is None else notes_on_confirmed(connection, row.number)

    return state(archive, make, notes=notes, dry_run=dry_run)


def withdraw_blast(archive: Archive, blast: int, *, by: str = "", reason: str, dry_run: bool = False) -> StatementMade:
    """Take a blast back; its events, and what was decided of them, stay as they are and count for no blast. Raises
    NotFound, UsageError for no reason."""
    return withdraw(archive, Blast, blast, listing=blast_listing(archive), by=by, reason=reason, dry_run=dry_run)


class Ground(NamedTuple):
    """What a blast is said on. `points`: of the job, by their names as a search compares them; `known`: its blasts that
    count, by time and name."""

    job: Job
    points: Mapping[str, Point]
    known: dict[Key, Blast]

    def blast(self, said: SaidOfBlast, decided_by: str, reason: str) -> tuple[Blast, Blast | None]:
        """The row of a blast, and the one of this time and name that counts now, None without one; what is not said
        stays as that has it. Raises UsageError for what cannot be."""
        assert said.at is not None
        zone = self.zone(said.zone)
        at_local, fold = _local(said.at, zone)
        name = one_line(said.name or "", "the name of a blast")
        empty = Blast(
            *(
                0,
                0,
                self.job.number,
                at_local,
                zone,
                fold,
                name,
                None,
                "",
                None,
                None,
                None,
                None,
                "{}",
                0,
                decided_by,
                reason,
            )
        )
        before = self.same(empty)
        own = empty if before is None else before._replace(fold=before.fold if fold is None else fold)
        row = self.changed(own, said._replace(at=None, name=None, zone=zone), decided_by, reason)
        return row, before

    def same(self, row: Blast) -> Blast | None:
        """The blast that counts with the time and name of a row. In an hour that comes twice one of which nobody said
        which time it was is the same as one of which somebody did, where only one is there."""
        if (found := self.known.get(key_of(row))) is not None:
            return found
        like = (None,) if row.fold is not None else (0, 1)
        near = [self.known[key] for fold in like if (key := key_of(row._replace(fold=fold))) in self.known]
        return near[0] if len(near) == 1 else None

    def changed(self, own: Blast, said: SaidOfBlast, decided_by: str, reason: str) -> Blast:
        """A blast with what is said of it. Raises UsageError for what cannot be."""
        zone = self.zone(said.zone) if said.zone is not None else own.time_zone
        distances = distances_from(own.distances)
        for point, metres in (said.distances or {}).items():
            number = self.point(point).number
            if metres is None:
                distances.pop(number, None)
            else:
                distances[number] = metres
        place = said.place or Place(own.latitude, own.longitude, own.east, own.north)
        at_local, fold = (own.at_local, own.fold) if said.at is None else _local(said.at, zone)
        if zone != own.time_zone and said.at is None:
            fold = None
        row = own._replace(
            at_local=at_local,
            time_zone=zone,
            fold=fold,
            name=own.name if said.name is None else one_line(said.name, "the name of a blast"),
            charge=own.charge if said.charge is None else said.charge.amount,
            charge_unit=own.charge_unit if said.charge is None else said.charge.unit,
            **place._asdict(),
            distances=distances_text(distances),
            decided_by=decided_by,
            reason=reason,
        )
        if said.place is not None:
            check_place(row, self.points.values())
        return row

    def point(self, name: str) -> Point:
        """A point of the job by its name. Raises UsageError naming those that there are."""
        found = self.points.get(folded(name))
        if found is None:
            names = ", ".join(one.name for one in self.points.values()) or "none"
            raise UsageError(f"job {self.job.name} has no point {name!r}; its points are: {names}")
        return found

    def zone(self, given: str | None) -> str:
        """The zone of a blast: the one given, else that of the job. Raises UsageError where neither is known."""
        zone = checked_zone(given or self.job.time_zone or UNKNOWN_ZONE)
        if zone == UNKNOWN_ZONE:
            raise UsageError(
                f"in which time zone is the blast? job {self.job.name} has none; give it with the blast (--zone, of a "
                "list --time-zone), or to the job (sfm job correct --zone)"
            )
        return zone


def ground_of(archive: Archive, connection: Any, job: str, *, by_number: bool = False) -> Ground:
    """What blasts of a job are said on. Raises NotFound."""
    own = statements.newest(connection, Job).get(int(job)) if by_number else None
    own = own or job_named(archive, connection, job)
    blasts = statements.that_count(connection, Blast).values()
    return Ground(
        own,
        {folded(one.name): one for one in points_of(connection, own.number)},
        {key_of(one): one for one in blasts if one.job == own.number},
    )


def key_of(blast: Blast) -> Key:
    """By what blasts of a job are told apart."""
    return blast.at_local, blast.fold, folded(blast.name)


def _local(at: datetime, zone: str) -> tuple[str, int | None]:
    """A time on the clocks of a zone, and which of two it is where an offset says so."""
    fold = None
    if at.tzinfo is not None:
        from zoneinfo import ZoneInfo

        try:
            at = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            fold = at.fold if is_repeated(at.replace(fold=0), zone) else None
            at = at.replace(fold=0)
        except OverflowError as error:
            raise UsageError(f"{at.isoformat()} is no time of a blast") from error
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise UsageError(f"{local_text(at).replace('T', ' ')} is no time of a blast; look at its year")
    return local_text(at), fold

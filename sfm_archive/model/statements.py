"""What people say of the work that records belong to, one type for each kind; schema.sql says what each column is.

Each statement has a number. Saying it again otherwise adds a row with the next position, which counts from then on, and
taking it back one that is `withdrawn`; the rows before stay. `decided_by` and `reason` say who and why, the history
when.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar


class Job(NamedTuple):
    """Work for one client at one site. `units`: of its outputs, 'in/s', 'mm/s' or ''. `time_zone`: IANA name of the
    site's zone, '' where none is stated."""

    number: int
    position: int
    name: str
    client: str
    units: str
    time_zone: str
    withdrawn: int
    decided_by: str
    reason: str

    @property
    def told(self) -> str:
        """`job North Quarry, client Rock Ltd, mm/s, Europe/Berlin`."""
        client = f"client {self.client}" if self.client else ""
        return ", ".join(filter(None, (f"job {self.name}", client, self.units, self.time_zone)))


class Point(NamedTuple):
    """A place where units stand. `job`: its number. `latitude`, `longitude`: WGS 84, degrees, `east`, `north`: metres
    of the job's grid, each None where not stated."""

    number: int
    position: int
    job: int
    name: str
    address: str
    structure: str
    latitude: float | None
    longitude: float | None
    east: float | None
    north: float | None
    withdrawn: int
    decided_by: str
    reason: str

    @property
    def told(self) -> str:
        """`point Church, Church Street 1, masonry, 47.1,8.2`."""
        where = ""
        if self.latitude is not None and self.longitude is not None:
            where = f"{self.latitude:.9g},{self.longitude:.9g}"
        elif self.east is not None and self.north is not None:
            where = f"grid {self.east:.12g},{self.north:.12g}"
        return ", ".join(filter(None, (f"point {self.name}", self.address, self.structure, where)))


class PointLimits(NamedTuple):
    """Limits that hold at a point from a moment on. `limits`, `airblast`: as the options of these names have them;
    `curve`: the text of a curve file, '' for a known word; `judge`: 'peak', 'record', 'both' or ''."""

    number: int
    position: int
    point: int
    limits: str
    curve: str
    airblast: str
    judge: str
    from_local: str
    withdrawn: int
    decided_by: str
    reason: str

    @property
    def told(self) -> str:
        """`limits din-4150-3-line-2, airblast 120dB, judged by the peak, from 2026-05-01 00:00:00`."""
        airblast = f"airblast {self.airblast}" if self.airblast else ""
        judged = f"judge {self.judge}" if self.judge else ""
        since = f"from {_moment(self.from_local)}" if self.from_local else ""
        return ", ".join(filter(None, (f"limits {self.limits or 'none'}", airblast, judged, since)))


class UnitWindow(NamedTuple):
    """Where a unit stood: at a point, from a moment on (included) until another (not included, '' where it still stands
    there), both of its clock."""

    number: int
    position: int
    serial: str
    point: int
    from_local: str
    until_local: str
    withdrawn: int
    decided_by: str
    reason: str

    @property
    def span(self) -> str:
        """`from 2026-05-01 08:00:00 until 2026-05-12 17:30:00`."""
        until = f"until {_moment(self.until_local)}" if self.until_local else "on"
        return f"from {_moment(self.from_local)} {until}"

    @property
    def told(self) -> str:
        """`BE11529 from 2026-05-01 08:00:00 on`."""
        return f"{self.serial} {self.span}"

    def holds(self, moment_local: str) -> bool:
        """Whether a moment lies in it."""
        return self.from_local <= moment_local and (not self.until_local or moment_local < self.until_local)

    def overlaps(self, other: UnitWindow) -> bool:
        """Whether both hold some moment."""
        return (not self.until_local or other.from_local < self.until_local) and (
            not other.until_local or self.from_local < other.until_local
        )


class Correction(NamedTuple):
    """What stands in records and is wrong. `serial`: of the unit whose events that start in the span are meant, or
    `of_event`: the one event. `subject`: 'project', 'client', 'location' (`text` is right), 'clock' (true time =
    recorded time + `shift_s`) or 'zone' (`text`: its IANA name)."""

    number: int
    position: int
    serial: str
    of_event: int
    subject: str
    text: str
    shift_s: int
    from_local: str
    until_local: str
    withdrawn: int
    decided_by: str
    reason: str

    @property
    def right(self) -> str:
        """What holds: `North Quarry`, of a clock `+01:02:03`, of a zone its name."""
        return shift_text(self.shift_s) if self.subject == "clock" else self.text

    @property
    def told(self) -> str:
        """`BE11529: clock +01:02:03, from 2026-05-01 00:00:00`."""
        whose = self.serial or f"event {self.of_event}"
        spans = [f"{word} {_moment(at)}" for word, at in (("from", self.from_local), ("until", self.until_local)) if at]
        return ", ".join((f"{whose}: {self.subject} {self.right}", *spans))

    def covers(self, event_id: int, serial: str, recorded_at_local: str) -> bool:
        """Whether an event is meant; its start as recorded."""
        if self.of_event:
            return self.of_event == event_id
        return (
            self.serial == serial
            and self.from_local <= recorded_at_local
            and (not self.until_local or recorded_at_local < self.until_local)
        )


class Calibration(NamedTuple):
    """That a unit was calibrated on a day, and until which day (not included, '' where not stated) that holds.
    `certificate`: name of its file, whose bytes are known by `certificate_sha256`; both empty without one."""

    number: int
    position: int
    serial: str
    calibrated_on: str
    valid_until: str
    lab: str
    certificate: str
    certificate_sha256: bytes
    withdrawn: int
    decided_by: str
    reason: str

    @property
    def told(self) -> str:
        """`BE11529 calibrated on 2026-02-11 by VMA, valid until 2027-02-11, certificate c.pdf`."""
        lab = f" by {self.lab}" if self.lab else ""
        valid = f"valid until {self.valid_until}" if self.valid_until else ""
        file = f"certificate {self.certificate}" if self.certificate else ""
        return ", ".join(filter(None, (f"{self.serial} calibrated on {self.calibrated_on}{lab}", valid, file)))


class Blast(NamedTuple):
    """A blast of a job. `at_local`: in `time_zone`, an IANA name; `fold`: in an hour that clocks show twice 0 the first
    time, 1 the second, None where nobody says or there is one. `charge`: the greatest of one delay, 'kg' or 'lb' as
    `charge_unit` says, None where not stated. `distances`: JSON, metres by the number of a point, as stated."""

    number: int
    position: int
    job: int
    at_local: str
    time_zone: str
    fold: int | None
    name: str
    charge: float | None
    charge_unit: str
    latitude: float | None
    longitude: float | None
    east: float | None
    north: float | None
    distances: str
    withdrawn: int
    decided_by: str
    reason: str

    @property
    def told(self) -> str:
        """`blast 17 of 2026-05-04 11:30:00, 120 kg per delay`."""
        charge = "" if self.charge is None else f"{self.charge:.9g} {self.charge_unit} per delay"
        which = {0: "the first time", 1: "the second time"}.get(self.fold if self.fold is not None else -1, "")
        parts = (f"blast {self.name} of {_moment(self.at_local)}".replace("  ", " "), which, charge)
        return ", ".join(filter(None, parts))


class BlastEvent(NamedTuple):
    """Whether an event is of a blast: `decision` is 'confirmed' or 'refused'."""

    number: int
    position: int
    blast: int
    of_event: int
    decision: str
    withdrawn: int
    decided_by: str
    reason: str

    @property
    def told(self) -> str:
        """`event 12 confirmed for blast 3`."""
        return f"event {self.of_event} {self.decision} for blast {self.blast}"


class Firm(NamedTuple):
    """Whose reports an archive's are, and how they are to look; each part '' where nobody says it. `address`: lines;
    `signature`: what stands below the line to sign. `logo`: name of its file, whose bytes are known by `logo_sha256`.
    `paper`: 'a4' or 'letter'; `language`: 'en'; `units`: 'in/s' or 'mm/s'. `limits`: as the option of this name has
    them, with blanks between them; `airblast`: likewise."""

    number: int
    position: int
    name: str
    address: str
    signature: str
    logo: str
    logo_sha256: bytes
    paper: str
    language: str
    units: str
    limits: str
    airblast: str
    withdrawn: int
    decided_by: str
    reason: str

    @property
    def told(self) -> str:
        """`firm Rock Consult, Main Street 1, signed by A. Miller, logo rock.png, paper a4, language de`."""
        words = ("paper", "language", "units", "limits", "airblast")
        parts = (
            f"firm {self.name}".rstrip(),
            *self.address.split("\n"),
            f"signed by {self.signature}" if self.signature else "",
            f"logo {self.logo}" if self.logo else "",
            *(f"{word} {getattr(self, word)}" for word in words if getattr(self, word)),
        )
        return ", ".join(filter(None, parts))


Statement = Job | Point | PointLimits | UnitWindow | Correction | Calibration | Blast | BlastEvent | Firm

Kind = TypeVar("Kind", Job, Point, PointLimits, UnitWindow, Correction, Calibration, Blast, BlastEvent, Firm)


def shift_text(seconds: int) -> str:
    """`+01:02:03`: of a clock that is to be put forward; with whole days `-2d 00:00:10`, as it is written too."""
    sign, rest = ("-" if seconds < 0 else "+"), abs(seconds)
    days, rest = divmod(rest, 86_400)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{sign}{days}d {clock}" if days else f"{sign}{clock}"


def _moment(local: str) -> str:
    return local.replace("T", " ")

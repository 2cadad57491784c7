"""Any sequence of a working life leaves an archive that holds what a plain model of it holds, and verifies.

A new command needs a rule of a few lines: call it, say in the model what it changes, and, where it shows something,
compare. `changes` marks the rules that need an archive open for writing.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.errors import EncodeRefused
from tests.archive.conftest import what_it_says
from tests.formats.test_pictures import made

SIMULATED = [
    *(
        testing.simulate_histogram(
            Random(number), count=12, serial=serial, start_key=0x0111_0000, recorded_at=datetime(2026, 5, 1, 8, number)
        )
        for number, serial in enumerate(("BE11529", "BE11529", "UM13245"))
    ),
    testing.simulate_waveform(
        Random(9), seconds=0.25, serial="BE11529", start_key=0x0211_0000, recorded_at=datetime(2026, 5, 2, 9, 30)
    ),
]
STREAMS = [
    {
        "whole": tuple(testing.read_out(event)),
        "read past its end": tuple(testing.old_read_out(event, beyond=1)),
        "torn": tuple(testing.missing_frame(testing.read_out(event), 1)),
    }
    for event in SIMULATED
]
WHOLE = {"whole", "read past its end"}
ENCODERS = ["blastware@1", "blastware@2", "blastware@3"]
DECODERS = ["waveform@1", "halved@1"]

LOGOS = [made("PNG", 3, 1), made("PNG", 1, 3)]
POINTS = [(job, point) for job in ("North", "South") for point in ("Church", "School")]
FROM = [datetime(2026, 4, 29) + timedelta(hours=hours) for hours in (0, 24, 48, 54, 56, 60, 72, 81, 96)]
"""Begins and ends of windows and spans, around the events."""

which_event = st.integers(0, len(SIMULATED) - 1)
which_stream = st.sampled_from(["whole", "read past its end", "torn"])
changes = precondition(lambda self: not self.archive.read_only)
has_events = precondition(lambda self: bool(self.events))


@dataclass
class Known:
    """What the archive should hold of one event."""

    event_id: int
    streams: list[str] = field(default_factory=list)  # names in STREAMS, revision 1 first
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)  # by kind and name
    review: tuple[bool, str] | None = None

    @property
    def current(self) -> int:
        """Revision that counts, 0 without frames: the newest that is whole, else the newest."""
        numbered = list(enumerate(self.streams, 1))
        whole = [number for number, name in numbered if name in WHOLE]
        return max(whole or [number for number, _ in numbered], default=0)


@dataclass
class Window:
    """Where the model has a unit."""

    serial: str
    at: tuple[str, str]
    since: datetime
    until: datetime | None

    def holds(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)

    def overlaps(self, other: Window) -> bool:
        begins, ends = max(self.since, other.since), [one.until for one in (self, other) if one.until is not None]
        return self.serial == other.serial and (not ends or begins < min(ends))


@dataclass
class Said:
    """A correction of the model: of an event, by its position, or of a unit."""

    of: int | str
    subject: str
    value: Any
    since: datetime
    until: datetime

    def is_about(self, which: int) -> bool:
        if isinstance(self.of, int):
            return self.of == which
        return SIMULATED[which].serial == self.of and self.since <= SIMULATED[which].recorded_at < self.until


class LifeOfAnArchive(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="sfm-life-"))
        self.archive = sfm.create(self.folder / "quarry.sfm", actor="tester")
        self.events: dict[int, Known] = {}  # by position in SIMULATED
        self.pinned = "blastware@2"
        self.pinned_decoder = "waveform@1"
        self.stated: list[int] = []
        self.made: dict[tuple[int, int, str], str] = {}  # sha256 by event id, revision and encoder
        self.exports = self.reviews = 0
        self.left_out: set[str] = set()  # hashes
        self.calibrated: dict[int, tuple[str, str, bytes]] = {}  # unit, day and certificate by number of the statement
        self.limits: dict[int, tuple[str, str]] = {}  # in words, and since when, by number of the statement
        self.points: set[tuple[str, str]] = set()  # job and point
        self.windows: dict[int, Window] = {}  # by number
        self.corrections: dict[int, Said] = {}  # by number, the newest last
        self.blasts: dict[int, tuple[datetime, str, str]] = {}  # when, name and charge by number
        self.firm: tuple[str, bytes] | None = None  # name and logo
        self.handed: dict[int, bytes] = {}  # files of job reports, by number of the hand-over
        self.of_blasts: dict[tuple[int, int], str] = {}  # what was decided, by blast and event id
        self.told: dict[int, Any] = {}  # what it said when that was the last change

    def teardown(self) -> None:
        try:
            self.all_of_it_is_there()
            # That the pinned encoder has not made every file yet is a note.
            assert {finding.code for finding in self.archive.verify().findings} <= {"no-record"}
            self.it_says_the_same_as_of_then()
            self.archive.close()
            assert [path.name for path in self.folder.glob("quarry.sfm*")] == ["quarry.sfm"]
        finally:
            self.archive.close()
            shutil.rmtree(self.folder)

    def known(self, which: int) -> Known:
        """One of the events that are there."""
        return self.events[sorted(self.events)[which % len(self.events)]]

    def counting(self, which: int, subject: str) -> Any:
        """The correction of an event that counts, None without one."""
        about = [one for one in self.corrections.values() if one.subject == subject and one.is_about(which)]
        of_event = [one for one in about if isinstance(one.of, int)]
        return (of_event or about or [Said("", subject, None, FROM[0], FROM[0])])[-1].value

    def start(self, which: int) -> datetime:
        """With corrections."""
        return SIMULATED[which].recorded_at + (self.counting(which, "clock") or timedelta())

    # --- what a program does ---

    @changes
    @rule(which=which_event, stream=which_stream)
    def save(self, which: int, stream: str) -> None:
        event = SIMULATED[which]
        identity = sfm.Event(
            serial=event.serial,
            recorded_at=event.recorded_at,
            record_type=event.record_type,
            start_key=event.start_key,
        )
        saved = self.archive.save(identity, STREAMS[which][stream])
        assert saved.created == (which not in self.events)
        known = self.events.setdefault(which, Known(saved.event_id))
        assert saved.event_id == known.event_id
        assert saved.new_revision == saved.changed == (stream not in known.streams)
        if saved.new_revision:
            known.streams.append(stream)
        assert saved.revision == known.streams.index(stream) + 1

    @changes
    @has_events
    @rule(which=which_event, number=st.integers(0, 3))
    def attach(self, which: int, number: int) -> None:
        known = self.known(which)
        file = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name=f"report {number}.txt", data=b"by hand %d" % number)
        assert self.archive.attach(known.event_id, [file]) == ((file.kind, file.name) not in known.files)
        known.files[file.kind, file.name] = file.data

    @changes
    @has_events
    @rule(which=which_event, false_trigger=st.booleans(), notes=st.sampled_from(["a truck", "thunder"]))
    def review(self, which: int, false_trigger: bool, notes: str) -> None:
        known, decision = self.known(which), (false_trigger, notes)
        new = self.archive.review(known.event_id, false_trigger=false_trigger, notes=notes, reviewer="A. Tremblay")
        assert new == (known.review != decision)
        known.review = decision

    @changes
    @rule(encoder=st.sampled_from(ENCODERS))
    def pin(self, encoder: str) -> None:
        self.archive.pin_encoder(encoder)
        self.pinned = encoder

    @changes
    @rule(serial=st.sampled_from(["BE11529", "UM13245"]), geo_range=st.sampled_from(["normal", "sensitive"]))
    def state_settings(self, serial: str, geo_range: str) -> None:
        """A dry run says what the statement then does."""
        said = {"geo_range": geo_range, "by": "A. Tremblay", "reason": "log book"}
        tried = sfm.state_settings(self.archive, serial, **said, dry_run=True)
        done = sfm.state_settings(self.archive, serial, **said)
        assert (done.number, done.events, done.changed) == (tried.number, tried.events, tried.changed)
        self.stated.append(done.number)

    @changes
    @precondition(lambda self: bool(self.stated))
    @rule()
    def withdraw_settings(self) -> None:
        number = self.stated.pop()
        sfm.withdraw_settings(self.archive, number, reason="it was another unit")
        assert [one.withdraws for one in sfm.stated_settings(self.archive)][-1] == number

    @changes
    @rule(decoder=st.sampled_from(DECODERS))
    def pin_decoder(self, decoder: str) -> None:
        """All numbers are of the other decoder; a dry run says the same and changes nothing."""
        tried = sfm.pin_decoder(self.archive, decoder, dry_run=True)
        assert str(self.archive.pinned_decoder) == self.pinned_decoder == tried.before
        done = sfm.pin_decoder(self.archive, decoder)
        assert (done.numbers, done.quantities, done.changed) == (tried.numbers, tried.quantities, tried.changed)
        self.pinned_decoder = decoder

    @changes
    @rule(at=st.sampled_from(POINTS))
    def add_a_point(self, at: tuple[str, str]) -> None:
        job, point = at
        assert sfm.add_job(self.archive, job).new == (job not in {name for name, _ in self.points})
        assert sfm.add_point(self.archive, job, point).new == (at not in self.points)
        self.points.add(at)

    @changes
    @precondition(lambda self: bool(self.points))
    @rule(
        serial=st.sampled_from(["BE11529", "UM13245"]),
        at=st.integers(0, 3),
        since=st.sampled_from(FROM),
        hours=st.none() | st.integers(1, 60),
    )
    def place(self, serial: str, at: int, since: datetime, hours: int | None) -> None:
        """Windows of a unit that the archive knows, none of which overlap."""
        chosen = sorted(self.points)[at % len(self.points)]
        window = Window(serial, chosen, since, None if hours is None else since + timedelta(hours=hours))
        name = "/".join(chosen)
        head = self.archive.history_head()
        again = window in self.windows.values()
        known = any(SIMULATED[which].serial == serial for which in self.events)
        known |= any(unit == serial for unit, _, _ in self.calibrated.values())
        fits = not any(window.overlaps(other) for other in self.windows.values())
        try:
            made = sfm.place(self.archive, serial, at=name, since=since, until=window.until)
        except sfm.UsageError:
            assert known and not fits and not again
        except sfm.NotFound:
            assert not known
        else:
            assert known and made.new == (fits and not again)
            self.windows[made.number] = window
            return
        assert self.archive.history_head() == head

    @changes
    @precondition(lambda self: bool(self.windows))
    @rule(which=st.integers(0, 9), hours=st.integers(1, 40), withdraw=st.booleans())
    def end_or_withdraw_a_window(self, which: int, hours: int, withdraw: bool) -> None:
        number = sorted(self.windows)[which % len(self.windows)]
        if withdraw:
            sfm.withdraw_window(self.archive, number, reason="another unit")
            del self.windows[number]
            return
        own = self.windows[number]
        ended = Window(own.serial, own.at, own.since, own.since + timedelta(hours=hours))
        others = [one for other, one in self.windows.items() if other != number]
        try:
            sfm.end_window(self.archive, number, own.since + timedelta(hours=hours))
        except sfm.UsageError:
            assert any(ended.overlaps(other) for other in others)
        else:
            assert not any(ended.overlaps(other) for other in others)
            self.windows[number] = ended

    @changes
    @has_events
    @rule(
        which=which_event,
        of_event=st.booleans(),
        part=st.sampled_from([("clock", timedelta(hours=hours)) for hours in (-24, -1, 2, 17)])
        | st.sampled_from([("project", "North"), ("project", "South"), ("zone", "Europe/Berlin")]),
        span=st.lists(st.sampled_from(FROM), min_size=2, max_size=2, unique=True).map(sorted),
    )
    def correct(self, which: int, of_event: bool, part: tuple[str, Any], span: list[datetime]) -> None:
        """A dry run says what the correction then does; the same again does nothing."""
        own = sorted(self.events)[which % len(self.events)]
        subject, value = part
        said = Said(own if of_event else SIMULATED[own].serial, subject, value, span[0], span[1])
        whose: int | str = self.events[own].event_id if isinstance(said.of, int) else said.of
        about: dict[str, Any] = {"clock_shift" if subject == "clock" else subject: value, "reason": "log book"}
        about |= {} if of_event else {"since": said.since, "until": said.until}
        tried = sfm.correct(self.archive, whose, **about, dry_run=True)
        done = sfm.correct(self.archive, whose, **about)
        assert (done.number, done.events, done.changed) == (tried.number, tried.events, tried.changed)
        assert not sfm.correct(self.archive, whose, **about).new
        if done.new:
            self.corrections[done.number] = said

    @changes
    @precondition(lambda self: bool(self.corrections))
    @rule(which=st.integers(0, 9))
    def withdraw_a_correction(self, which: int) -> None:
        number = sorted(self.corrections)[which % len(self.corrections)]
        sfm.withdraw_correction(self.archive, number, reason="it was right")
        del self.corrections[number]

    @has_events
    @rule(moment=st.sampled_from(FROM))
    def ask_by_time(self, moment: datetime) -> None:
        """A waveform of a window is one that starts in it, by its corrected clock."""
        found = {row.event_id for row in self.archive.events(since=moment, record_type="waveform")}
        waveforms = [which for which in self.events if which == len(SIMULATED) - 1]
        assert found == {self.events[which].event_id for which in waveforms if self.start(which) >= moment}

    @has_events
    @rule(which=which_event, encoder=st.none() | st.sampled_from(ENCODERS))
    def encode(self, which: int, encoder: str | None) -> None:
        known = self.known(which)
        if not known.streams:
            return
        key = (known.event_id, known.current, encoder or self.pinned)
        try:
            sha256 = self.archive.encode(known.event_id, encoder).sha256
        except EncodeRefused:
            sha256 = "refused"
        assert self.made.setdefault(key, sha256) == sha256

    @changes
    @rule(chosen=st.sets(which_event, min_size=1))
    def import_twice(self, chosen: set[int]) -> None:
        """Event files as Blastware wrote them, in folders of the units."""
        source = Path(tempfile.mkdtemp(dir=self.folder))
        for which in chosen:
            event = SIMULATED[which]
            path = source / event.serial / testing.call_home_name(event)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(testing.blastware_file(event))
        report = self.archive.import_from(source)
        assert report.files_found == sum(report.totals.values()) == len(chosen)
        assert report.events_created == len(chosen - self.events.keys())
        for which in chosen:
            event = SIMULATED[which]
            name = testing.call_home_name(event)
            found = self.archive.find(name).event_id
            known = self.events.setdefault(which, Known(found))
            assert known.event_id == found
            known.files[sfm.FileKind.EVENT_FILE, name] = testing.blastware_file(event)
        head = self.archive.history_head()
        assert self.archive.import_from(source).totals["duplicate"] == len(chosen)
        assert self.archive.history_head() == head

    @changes
    @rule(leave=st.booleans(), number=st.integers(0, 2))
    def decide_about_a_file(self, leave: bool, number: int) -> None:
        """A file that is no event, left out under another name than the one it was decided by."""
        data = f"no event {number}".encode()
        sha256 = hashlib.sha256(data).hexdigest()
        decide = sfm.leave_out if leave else sfm.take_again
        assert decide(self.archive, sha256, by="A. Tremblay", reason="bench test") == (
            leave != (sha256 in self.left_out)
        )
        (self.left_out.add if leave else self.left_out.discard)(sha256)
        source = Path(tempfile.mkdtemp(dir=self.folder)) / "any name.bin"
        source.write_bytes(data)
        head = self.archive.history_head()
        (item,) = self.archive.import_from(source).items
        assert (item.outcome, item.by_decision) == (("left out", True) if leave else ("rejected", False))
        assert self.archive.history_head() == head

    @changes
    @precondition(lambda self: any(kind == sfm.FileKind.REPORT for k in self.events.values() for kind, _ in k.files))
    @rule(which=which_event)
    def say_whose_a_report_is(self, which: int) -> None:
        """A report that was received with an event is said to be its own: once, and again without effect."""
        with_report = [k for k in self.events.values() if any(kind == sfm.FileKind.REPORT for kind, _ in k.files)]
        known = with_report[which % len(with_report)]
        name = next(name for kind, name in known.files if kind == sfm.FileKind.REPORT)
        sha256 = hashlib.sha256(known.files[sfm.FileKind.REPORT, name]).hexdigest()
        done = sfm.join_file(self.archive, sha256, known.event_id, by="A. Tremblay", reason="log book")
        assert done.event_id == known.event_id and done.others == ()
        assert not sfm.join_file(self.archive, sha256, known.event_id, reason="log book").changed

    @changes
    @rule(serial=st.sampled_from(["BE11529", "UM13245"]), day=st.integers(1, 3), text=st.sampled_from([b"A", b"B"]))
    def calibrate(self, serial: str, day: int, text: bytes) -> None:
        """A day is stated once of a unit; the same again changes nothing, and another certificate is refused."""
        certificate, said = self.folder / "certificate.pdf", (serial, f"2026-02-0{day}", text)
        certificate.write_bytes(text)
        of_day = [one for one in self.calibrated.values() if one[:2] == said[:2]]
        try:
            done = sfm.calibrate(self.archive, *said[:2], valid="12months", certificate=certificate)
            assert done.new == (said not in of_day)
            self.calibrated[done.number] = said
        except sfm.UsageError:
            assert of_day and said not in of_day

    @changes
    @precondition(lambda self: bool(self.calibrated))
    @rule()
    def withdraw_calibration(self) -> None:
        number, (serial, _, _) = self.calibrated.popitem()
        sfm.withdraw_calibration(self.archive, number, serial=serial, reason="of another unit")

    @changes
    @rule(name=st.sampled_from(["Rock", "Stone"]), logo=st.sampled_from(LOGOS))
    def state_the_firm(self, name: str, logo: bytes) -> None:
        """The same again changes nothing, and what is other needs a reason."""
        (self.folder / "logo.png").write_bytes(logo)
        before, self.firm = self.firm, (name, logo)
        if before is not None and before != self.firm:
            with pytest.raises(sfm.UsageError):
                sfm.state_firm(self.archive, name=name, logo=self.folder / "logo.png")
        done = sfm.state_firm(self.archive, name=name, logo=self.folder / "logo.png", reason="new" if before else "")
        assert done.new == (before != self.firm)

    @changes
    @rule()
    def mark(self) -> None:
        """A name is given once, and says the change that gave it."""
        name = f"mark {self.archive.history_head()[0]}"
        done = sfm.mark(self.archive, name)
        assert (done.change, done.history_head) == self.archive.history_head()
        assert not sfm.mark(self.archive, name).new

    @changes
    @precondition(lambda self: self.firm is not None)
    @rule()
    def withdraw_the_firm(self) -> None:
        sfm.withdraw_firm(self.archive, reason="sold")
        self.firm = None

    @changes
    @rule(word=st.sampled_from(["din", "5mm/s"]), day=st.integers(1, 3))
    def limit_a_point(self, word: str, day: int) -> None:
        """A point has one limit from a moment on."""
        sfm.add_job(self.archive, "North")
        sfm.add_point(self.archive, "North", "Church")
        self.points.add(("North", "Church"))
        since, held = datetime(2026, 5, day), [one for _, one in self.limits.values()]
        try:
            done = sfm.limit_point(self.archive, "North/Church", limits=[word], since=since)
            self.limits[done.number] = word, since.isoformat()
        except sfm.UsageError:
            assert since.isoformat() in held

    @changes
    @precondition(lambda self: bool(self.limits))
    @rule()
    def withdraw_limits(self) -> None:
        sfm.withdraw_point_limits(self.archive, self.limits.popitem()[0], reason="revoked")

    @changes
    @rule(at=st.sampled_from(FROM), name=st.sampled_from(["", "17"]), charge=st.sampled_from(["120 kg", "95 kg"]))
    def add_blast(self, at: datetime, name: str, charge: str) -> None:
        """Time and name are one blast; the same again changes nothing, and other numbers need a reason."""
        sfm.add_job(self.archive, "North")
        sfm.add_point(self.archive, "North", "Church")
        self.points.add(("North", "Church"))
        known = [one for one in self.blasts.values() if one[:2] == (at, name)]
        try:
            done = sfm.add_blast(self.archive, "North", at, name=name, charge=charge, zone="Europe/Berlin")
            assert done.new == (not known) and known in ([], [(at, name, charge)])
            self.blasts[done.number] = at, name, charge
        except sfm.UsageError:
            assert known and known[0][2] != charge

    @changes
    @has_events
    @precondition(lambda self: bool(self.blasts))
    @rule(which=which_event, blast=st.integers(0, 9), decision=st.sampled_from(["confirmed", "refused", ""]))
    def decide_of_an_event(self, which: int, blast: int, decision: str) -> None:
        """An event is confirmed for one blast at most; no blast makes a histogram. '': the decision is taken back."""
        number = sorted(self.blasts)[blast % len(self.blasts)]
        own = sorted(self.events)[which % len(self.events)]
        event_id = self.events[own].event_id
        others = [key for key, said in self.of_blasts.items() if said == "confirmed" and key != (number, event_id)]
        is_of_another = event_id in {other for _, other in others}
        is_histogram = SIMULATED[own].record_type is sfm.RecordType.HISTOGRAM
        try:
            if decision == "confirmed":
                sfm.confirm_blast(self.archive, number, [event_id])
                assert not is_of_another and not is_histogram
            elif decision:
                sfm.refuse_blast(self.archive, number, [event_id])
            else:
                sfm.withdraw_blast_event(self.archive, number, event_id, reason="a slip")
                assert (number, event_id) in self.of_blasts
        except sfm.UsageError:
            assert decision == "confirmed" and (is_of_another or is_histogram)
        except sfm.NotFound:
            assert not decision and (number, event_id) not in self.of_blasts
        else:
            self.of_blasts.pop((number, event_id), None)
            self.of_blasts |= {(number, event_id): decision} if decision else {}

    @changes
    @precondition(lambda self: bool(self.blasts))
    @rule()
    def withdraw_a_blast(self) -> None:
        """What was decided of its events counts for nothing then."""
        number, _ = self.blasts.popitem()
        sfm.withdraw_blast(self.archive, number, reason="put off")
        self.of_blasts = {key: said for key, said in self.of_blasts.items() if key[0] != number}

    @changes
    @precondition(lambda self: bool(self.points))
    @rule(which=st.integers(0, 3), name=st.sampled_from(["a.pdf", "b.pdf"]))
    def hand_a_job_report_over(self, which: int, name: str) -> None:
        """The archive keeps the file; the same bytes to the same target are no second hand-over."""
        job, _ = sorted(self.points)[which % len(self.points)]
        path, period = self.folder / name, (datetime(2026, 5, 1), datetime(2026, 6, 1))
        report, written = sfm.write_period_report(self.archive, path, job, *period, overwrite=True)
        assert {point.name for point in report.points} == {point for of, point in self.points if of == job}
        assert written.handover.new == (written.handover.number not in self.handed)
        self.handed[written.handover.number] = path.read_bytes()

    @rule()
    def export(self) -> None:
        self.exports += 1
        target = self.folder / f"export {self.exports}"
        report = self.archive.export(target)
        assert sum(report.totals.values()) == len(report.items) == len(self.events)
        exported = {item.path: (target / item.path).read_bytes() for item in report.items if item.status == "written"}
        found = {p.relative_to(target).as_posix(): p.read_bytes() for p in target.rglob("*") if p.is_file()}
        assert exported == found
        assert report.totals["written"] + report.totals["not encodable"] == len(self.events)
        if self.pinned != "blastware@1" and all(WHOLE & {*known.streams} for known in self.events.values()):
            assert set(exported.values()) == {testing.blastware_file(SIMULATED[which]) for which in self.events}
        assert Counter(self.archive.export(target).totals) == Counter(
            {**report.totals, "written": 0, "unchanged": len(exported)}
        )

    @rule()
    def verify(self) -> None:
        report = self.archive.verify()
        assert report.ok
        assert report.checked["events"] == len(self.events)
        assert report.checked["frame revisions"] == sum(len(known.streams) for known in self.events.values())

    @precondition(lambda self: not self.archive.read_only)
    @rule()
    def rebuild(self) -> None:
        report = self.archive.rebuild()
        assert (report.events, report.changed, report.removed) == (len(self.events), 0, 0)

    @rule()
    def seal_and_go_on(self) -> None:
        """In an unsealed copy of the sealed one, which takes its place."""
        sealed, before = self.folder / "sealed.sfm", self.archive.history_head()
        self.archive.seal(sealed)
        self.archive.close()
        with sfm.open(sealed, read_only=True, actor="tester") as archive:
            assert archive.info().sealed and archive.history()[-1].previous_sha256 == before[1]
            with pytest.raises(sfm.SealedArchive):
                archive.pin_encoder("blastware@1")
            says = what_it_says(archive)
            self.archive.path.unlink()
            archive.backup(self.folder / "quarry.sfm", unsealed=True)
        for path in self.folder.glob("sealed.sfm*"):
            path.chmod(0o600)
            path.unlink()
        self.archive = sfm.open(self.folder / "quarry.sfm", actor="tester")
        assert self.archive.history_head()[0] == before[0] + 2
        of_the_copy = {"info": 0, "history": 0}
        assert what_it_says(self.archive) | of_the_copy == says | of_the_copy

    @has_events
    @changes
    @rule()
    def extract_and_merge_back(self) -> None:
        """All of it in an archive of its own verifies and is merged by another; merged back it changes nothing."""
        head, part, other = self.archive.history_head(), self.folder / "part.sfm", self.folder / "other.sfm"
        sfm.extract(self.archive, part)
        with sfm.create(other) as made:
            sfm.merge(made, part)
            assert made.verify().damage == ()
            sfm.merge(made, self.archive.path)
            assert made.verify().damage == ()
            assert made.count() == self.archive.count()
            reviews = [[(one.reviewer, one.notes) for one in archive.reviews()] for archive in (made, self.archive)]
            assert sorted(reviews[0]) == sorted(reviews[1])
        for path in (part, other):
            assert not any(one.is_new for one in sfm.merge(self.archive, path).sources)
            path.unlink()
        assert self.archive.history_head() == head

    @rule(read_only=st.booleans())
    def close_and_open(self, read_only: bool) -> None:
        head = self.archive.history_head()
        self.archive.close()
        assert [path.name for path in self.folder.glob("quarry.sfm*")] == ["quarry.sfm"]
        self.archive = sfm.open(self.folder / "quarry.sfm", read_only=read_only, actor="tester")
        assert self.archive.history_head() == head

    @precondition(lambda self: self.archive.read_only)
    @rule(which=which_event)
    def a_reader_changes_nothing(self, which: int) -> None:
        head = self.archive.history_head()
        with pytest.raises(sfm.SfmError, match="read-only"):
            self.archive.pin_encoder("blastware@1")
        assert self.archive.history_head() == head

    # --- what holds at any time ---

    @invariant()
    def totals_agree(self) -> None:
        assert self.archive.count() == len(self.events) == len(list(self.archive.events()))
        assert str(self.archive.pinned_encoder) == self.pinned
        assert str(self.archive.pinned_decoder) == self.pinned_decoder

    @invariant()
    def note_what_it_says(self) -> None:
        last, _ = self.archive.history_head()
        self.told.setdefault(last, what_it_says(self.archive) if last not in self.told else None)

    def it_says_the_same_as_of_then(self) -> None:
        for sequence, told in self.told.items():
            with sfm.open(self.archive.path, as_of=sequence) as as_it_was:
                assert what_it_says(as_it_was) == told, f"as of {sequence}"

    def all_of_it_is_there(self) -> None:
        assert set(sfm.left_out_files(self.archive)) == self.left_out
        points = [point for job in sfm.overview(self.archive).jobs for point in job.points]
        stated = {one.number: (one.limits, one.from_local) for point in points for one in point.limits}
        assert stated == self.limits
        units = sfm.registered_units(self.archive)
        assert {(one.number, unit.serial, one.calibrated_on) for unit in units for one in unit.stated} == {
            (number, serial, day) for number, (serial, day, _) in self.calibrated.items()
        }
        for number, (_, _, text) in self.calibrated.items():
            assert sfm.read_certificate(self.archive, number) == ("certificate.pdf", text)
        stated = sfm.stated_firm(self.archive)
        found = None if stated is None else (stated.name, sfm.firm_logo(self.archive))
        assert found == self.firm
        for which, known in self.events.items():
            row = self.archive.event(known.event_id)
            assert (row.serial, row.revision) == (SIMULATED[which].serial, known.current)
            revisions = [row.revision for row in self.archive.revisions(known.event_id)]
            assert revisions == list(range(1, len(known.streams) + 1))
            for number, name in enumerate(known.streams, 1):
                assert self.archive.frames(known.event_id, number) == STREAMS[which][name]
            files = {(file.kind, file.name): file.sha256 for file in self.archive.files(known.event_id)}
            assert files == {key: hashlib.sha256(data).hexdigest() for key, data in known.files.items()}
            for file in self.archive.files(known.event_id):
                assert self.archive.file_bytes(file) == known.files[sfm.FileKind(file.kind), file.name]
        reviewed = {known.event_id: known.review for known in self.events.values() if known.review}
        assert {one.event_id: (one.false_trigger, one.notes) for one in self.archive.reviews()} == reviewed
        listed = {one.event_id: one.false_trigger for one in self.archive.listing()}
        assert listed == {k.event_id: k.review[0] if k.review else None for k in self.events.values()}
        assert self.archive.broken_history() is None
        decided = Counter((blast, said) for (blast, _), said in self.of_blasts.items())
        assert {
            one.blast: (datetime.fromisoformat(one.at_local), one.name, one.confirmed, one.refused)
            for one in sfm.list_blasts(self.archive).blasts
        } == {
            number: (at, name, decided[number, "confirmed"], decided[number, "refused"])
            for number, (at, name, _) in self.blasts.items()
        }
        for number, data in self.handed.items():
            assert sfm.kept_bytes(self.archive, number) == data
            assert self.archive.handover(number).kind == "job report"
        self.where_and_when_is_that_of_the_words()

    def where_and_when_is_that_of_the_words(self) -> None:
        by_id = {known.event_id: which for which, known in self.events.items()}
        for event in self.archive.listing():
            which = by_id[event.event_id]
            start = self.start(which)
            assert event.start_local == start.isoformat()
            assert event.recorded_at_local == SIMULATED[which].recorded_at.isoformat()
            own = [
                one.at for one in self.windows.values() if one.serial == SIMULATED[which].serial and one.holds(start)
            ]
            assert [(event.job, event.point)] == (own or [("", "")])
            assert event.corrected.get("project", self.counting(which, "project")) == self.counting(which, "project")
        moments = [event.start_local for event in self.archive.listing()]
        assert moments == sorted(moments)
        assert {one.number for one in sfm.corrections(self.archive)} == set(self.corrections)


@pytest.mark.usefixtures("halved_decoder")
class TestLifeOfAnArchive(LifeOfAnArchive.TestCase):  # type: ignore[misc, name-defined]
    """With a second decoder installed."""


TestLifeOfAnArchive.settings = settings(max_examples=settings.default.max_examples // 2, stateful_step_count=16)

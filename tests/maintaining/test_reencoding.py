"""Re-encoding: every event judged against the pinned encoder's record, nothing lost, nothing stored that is worse."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.errors import EncodeRefused, EncoderNotFound, ReadOnlyArchive, UsageError
from sfm_archive.maintaining.reencoding import ReencodeOptions, ReencodeReport, ReencodeStatus, reencode
from sfm_archive.model.encoders import EncodedFile, parse_encoder_name
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.selection import select
from sfm_archive.plugins.api import FILE_PREFIX, A5Frame, Encoder, survey_stream
from sfm_archive.plugins.loading import Plugins, load_plugins
from sfm_archive.plugins.registry import PluginRegistry, PluginSource, RegisteredEncoder

DRY = ReencodeOptions(dry_run=True)
STATUS = ReencodeStatus


@dataclass
class Made(Encoder):
    """An encoder of the test: what it does with an event's right file."""

    does: Callable[[bytes], bytes]
    family: str = "blastware"
    version: int = 99
    description: str = "a test"
    calls: int = 0

    def encode(self, event: sfm.Event, frames: Sequence[A5Frame]) -> EncodedFile:
        self.calls += 1
        memory = survey_stream(frames).memory
        if memory is None:
            raise EncodeRefused("a gap", (Finding(code="gap", message="a gap", severity=Severity.REFUSAL),))
        return EncodedFile(self.does(FILE_PREFIX + memory))


def refuse(data: bytes) -> bytes:
    raise EncodeRefused("not this one", (Finding(code="taste", message="not this one", severity=Severity.REFUSAL),))


def fail(data: bytes) -> bytes:
    raise ZeroDivisionError("oops")


class With(Plugins):
    """The installed encoders and those of a test, or the latter alone."""

    def __init__(self, *encoders: Any, only: bool = False) -> None:
        source = PluginSource("test", "test", "test-package", "1.0")
        mine = [RegisteredEncoder(parse_encoder_name(f"{one.family}@{one.version}"), one, source) for one in encoders]
        names = {registered.name for registered in mine}
        installed = () if only else tuple(one for one in load_plugins().encoders if one.name not in names)
        self._all = PluginRegistry(encoders=(*installed, *mine))

    @property
    def registry(self) -> PluginRegistry:  # type: ignore[override]
        return self._all


def plug_in(archive: sfm.Archive, *encoders: Any, only: bool = False) -> None:
    archive._plugins = With(*encoders, only=only)


@pytest.fixture
def archive(tmp_path: Path):
    """Five good events, one restarted after the 0x1000 fault, one with a gap, one without frames."""
    random = Random(11)
    with sfm.create(tmp_path / "a.sfm") as archive:
        for _ in range(5):
            simulated = testing.simulate_histogram(random, count=30)
            archive.save(event_of(simulated), testing.read_out(simulated))
        simulated = testing.simulate_waveform(random, seconds=3.0)
        frames = testing.read_out(simulated)
        archive.save(event_of(simulated), [*testing.doubled_start(frames, echo_start=False), *frames])
        simulated = testing.simulate_waveform(random, seconds=1.0)
        archive.save(event_of(simulated), testing.missing_frame(testing.read_out(simulated), 2))
        received = sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name="x.AB0", data=testing.blastware_file(simulated))
        archive.save(sfm.Event(serial="BE1", recorded_at=simulated.recorded_at), files=[received])
        yield archive


def event_of(simulated: testing.SimulatedEvent) -> sfm.Event:
    return sfm.Event(
        serial=simulated.serial, recorded_at=simulated.recorded_at,
        record_type=simulated.record_type, start_key=simulated.start_key,
    )  # fmt: skip


def found(report: ReencodeReport) -> dict[str, int]:
    assert sum(report.totals.values()) == len(report.items)
    return {word: number for word, number in report.totals.items() if number}


def records(archive: sfm.Archive) -> dict[str, int]:
    counted: dict[str, int] = {}
    for row in archive.events():
        for record in archive.encodings(row.event_id):
            counted[str(record.encoder)] = counted.get(str(record.encoder), 0) + 1
    return counted


def test_a_dry_run_tells_and_changes_nothing(archive) -> None:
    before = archive.history_head()
    report = reencode(archive, "blastware@3", options=DRY)
    assert found(report) == {"same": 5, "newly possible": 1, "refused": 1, "no frames": 1}
    assert (report.compared_with, report.recorded, report.worse) == ("blastware@2", 0, ())
    assert archive.history_head() == before
    assert records(archive) == {"blastware@2": 7}
    with sfm.open(archive.path, read_only=True) as reading:
        assert reencode(reading, "blastware@3", options=DRY).items == report.items


def test_what_it_makes_is_recorded_and_the_pin_stays(archive) -> None:
    report = reencode(archive, "blastware@3")
    assert report.recorded == 7
    assert records(archive) == {"blastware@2": 7, "blastware@3": 7}
    assert str(archive.pinned_encoder) == "blastware@2"
    for item in report.items:
        if item.size:
            made = archive.encode(item.event_id, "blastware@3")  # checked against the record
            assert (made.sha256, len(made.data)) == (item.sha256, item.size)
    assert archive.verify().ok
    last = archive.history()[-1]
    assert (last.action, last.actor) == ("encode", archive.actor)


def test_records_that_say_enough_are_used_again(archive) -> None:
    encoder = Made(lambda data: data)
    plug_in(archive, encoder)
    reencode(archive, "blastware@99", select(event_ids=[1, 2]))
    assert encoder.calls == 2
    report = reencode(archive, "blastware@99")
    assert encoder.calls == 7
    assert [item.reused for item in sorted(report.items, key=lambda item: item.event_id)][:3] == [True, True, False]
    assert found(report)["same"] == 5
    reencode(archive, "blastware@99", options=ReencodeOptions(ignore_records=True, dry_run=True))
    assert encoder.calls == 14


def test_the_other_way_round_is_judged_too(archive) -> None:
    """From healing back to address-mapped: what only the former can make is now failing."""
    archive.pin_encoder("blastware@3")
    report = reencode(archive, "blastware@2", options=DRY)
    assert found(report) == {"same": 5, "now failing": 1, "refused": 1, "no frames": 1}
    (worse,) = report.worse
    assert "disagree" in worse.message
    assert report.distribution["reasons"]["unequal-duplicate"] == 1


def test_other_bytes_are_told_with_offset_part_and_sizes(archive) -> None:
    plug_in(archive, Made(lambda data: data[:-2] + b"zz"))
    report = reencode(archive, "blastware@99", select(event_ids=[1]), DRY)
    (item,) = report.items
    assert (item.status, item.size, item.size_before) == (STATUS.DIFFERENT, item.size_before, item.size)
    assert (item.first_difference, item.part) == (item.size - 2, "footer: open bytes")
    assert report.distribution["first_difference_in"] == {"footer: open bytes": 1}
    assert report.distribution["size_change"]["equal"] == 1
    assert report.distribution["record_types"] == {"histogram": {"different": 1}}


@pytest.mark.parametrize(
    ("does", "code"),
    [
        (lambda data: data[:-1], "shorter-than-event"),
        (lambda data: data[:40], "shorter-than-event"),
        (lambda data: b"x" * len(data), "not-an-event-file"),
        (lambda data: data + b"more", "size"),
        (lambda data: data[:-26] + bytes(26), "missing-footer"),
        (lambda data: data[:100] + data[18:43] + data[125:], "second-header"),
    ],
)
def test_a_worse_file_is_refused_and_never_recorded(archive, does: Callable[[bytes], bytes], code: str) -> None:
    plug_in(archive, Made(does))
    report = reencode(archive, "blastware@99", select(event_ids=[1]))
    (item,) = report.items
    assert (item.status, report.recorded) == (STATUS.WORSE, 0)
    assert code in item.codes
    assert item.message.startswith("event 1: ")
    assert "blastware@99" not in records(archive)
    assert report.distribution["reasons"][code] == 1


def test_faults_that_the_pinned_file_has_too_are_not_worse(archive) -> None:
    broken = lambda data: data[:100] + data[18:43] + data[125:]  # noqa: E731
    plug_in(archive, Made(broken, version=98), Made(lambda data: broken(data)[:-1] + b"!"))
    archive.pin_encoder("blastware@98")
    report = reencode(archive, "blastware@99", select(event_ids=[1]), DRY)
    assert found(report) == {"different": 1}


@pytest.mark.parametrize(("does", "code", "kept"), [(refuse, "taste", 1), (fail, "encoder-failed", 0)])
@pytest.mark.parametrize("empty", [False, True])
def test_no_file_where_there_was_one_is_failing(archive, does: Any, code: str, kept: int, empty: bool) -> None:
    """A refusal is an answer and recorded; an encoder that breaks, or gives back nothing, has given none."""
    plug_in(archive, Made((lambda data: b"") if empty else does))
    report = reencode(archive, "blastware@99", select(event_ids=[1]))
    assert found(report) == {"now failing": 1}
    assert report.items[0].codes == ("encoder-failed",) if empty else (code,)
    assert report.recorded == (0 if empty else kept)
    assert report.worse == report.items


def test_an_encoder_that_no_longer_makes_what_is_recorded(archive) -> None:
    plug_in(archive, Made(lambda data: data))
    reencode(archive, "blastware@99", select(event_ids=[1]))
    plug_in(archive, Made(lambda data: data[:-1] + b"!"))
    assert found(reencode(archive, "blastware@99", select(event_ids=[1]))) == {"same": 1}  # the record says enough
    report = reencode(archive, "blastware@99", select(event_ids=[1]), ReencodeOptions(ignore_records=True))
    assert found(report) == {"not reproduced": 1}
    assert report.worse == report.items
    assert "install the recorded package" in report.items[0].message


def test_a_pinned_encoder_that_is_gone_leaves_its_records(archive) -> None:
    plug_in(archive, Made(lambda data: data), only=True)
    report = reencode(archive, "blastware@99")
    assert found(report) == {"same": 5, "refused": 2, "no frames": 1}
    plug_in(archive, Made(lambda data: data[:-1] + b"!", version=98), only=True)
    (item,) = reencode(archive, "blastware@98", select(event_ids=[1]), DRY).items
    assert (item.status, item.first_difference, item.part) == (STATUS.DIFFERENT, None, "")


def test_another_family_is_not_compared_and_not_checked_for_structure(archive) -> None:
    plug_in(archive, Made(lambda data: data[18:], family="memory", version=1))
    report = reencode(archive, "memory@1")
    assert found(report)["not compared"] == 5
    assert report.recorded == 7


def test_damaged_frames_are_named_and_the_rest_goes_on(archive) -> None:
    with archive.store.reading() as connection:
        ((stored,),) = connection.execute("SELECT data FROM frames WHERE event_id = 2").fetchall()
    archive.close()
    data = archive.path.read_bytes()
    assert stored in data  # a page that SQLite has moved may hold it once more
    archive.path.write_bytes(data.replace(stored, stored[:-4] + bytes(4)))
    with sfm.open(archive.path) as reopened:
        report = reencode(reopened, "blastware@3", options=DRY)
    assert [item.event_id for item in report.damaged] == [2]
    assert "Take them from a backup" in report.damaged[0].message
    assert found(report)["same"] == 4


def test_the_pinned_encoder_itself_fills_in_missing_records(archive) -> None:
    archive.pin_encoder("blastware@1")
    report = reencode(archive, "blastware@1")
    assert found(report) == {"same": 7, "no frames": 1}
    assert report.recorded == 7


def test_what_cannot_be(archive) -> None:
    with pytest.raises(EncoderNotFound):
        reencode(archive, "blastware@77")
    with pytest.raises(UsageError):
        ReencodeOptions(processes=0)
    with sfm.open(archive.path, read_only=True) as reading, pytest.raises(ReadOnlyArchive):
        reencode(reading, "blastware@3")


# --- in processes ---


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = Random(5)
    path = tmp_path_factory.mktemp("larger") / "larger.sfm"
    with sfm.create(path) as archive, archive.batch():
        for number in range(230):
            simulated = testing.simulate_histogram(random, count=10)
            frames = testing.read_out(simulated)
            archive.save(event_of(simulated), testing.without_checksums(frames) if number % 3 else frames)
    return path


def test_processes_give_the_same_items_in_the_same_order(larger: Path) -> None:
    told: list[tuple[int, int]] = []
    with sfm.open(larger, read_only=True) as archive:
        alone = reencode(archive, "blastware@3", options=ReencodeOptions(dry_run=True, processes=1))
        options = ReencodeOptions(dry_run=True, processes=2)
        together = reencode(archive, "blastware@3", options=options, progress=lambda *step: told.append(step))
    assert together == alone
    assert found(alone) == {"same": 230}
    assert told[0] == (0, 230)
    assert told[-1] == (230, 230)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_stopped_halfway_it_keeps_what_was_done_and_goes_on(larger: Path, tmp_path: Path) -> None:
    path = tmp_path / "copy.sfm"
    path.write_bytes(larger.read_bytes())

    def stop(done: int, total: int) -> None:
        if done >= 100:
            raise KeyboardInterrupt

    with sfm.open(path) as archive:
        with pytest.raises(KeyboardInterrupt):
            reencode(archive, "blastware@3", options=ReencodeOptions(processes=2), progress=stop)
        assert records(archive)["blastware@3"] == 100
        report = reencode(archive, "blastware@3")
        assert report.recorded == 130
        assert sum(item.reused for item in report.items) == 100


def test_an_encoder_that_other_processes_do_not_find_is_run_here(larger: Path) -> None:
    with sfm.open(larger, read_only=True) as archive:
        plug_in(archive, Made(lambda data: data))
        report = reencode(archive, "blastware@99", options=ReencodeOptions(dry_run=True, processes=2))
    assert found(report) == {"same": 230}


def test_a_program_without_a_guard_gets_its_report_too(larger: Path, tmp_path: Path) -> None:
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import sys\nimport sfm_archive as sfm\n"
        "from sfm_archive.maintaining.reencoding import ReencodeOptions, reencode\n"
        "archive = sfm.open(sys.argv[1], read_only=True)\n"
        "report = reencode(archive, 'blastware@3', options=ReencodeOptions(dry_run=True, processes=2))\n"
        "print(report.totals['same'])\n"
    )
    done = subprocess.run(
        [sys.executable, str(script), str(larger)], capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert (done.returncode, done.stdout) == (0, "230\n"), done.stderr

"""Saving: one transaction, nothing overwritten, nothing twice, every byte as received."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest

import sfm_archive as sfm
from sfm_archive import testing
from sfm_archive.archive.reading import values_of, waiting_files
from sfm_archive.archive.saving import LARGEST_KEPT_FILE, keep_waiting
from sfm_archive.errors import BadFrames, BadInput, BadSerial, EventNotFound, SfmError, UsageError
from sfm_archive.formats.frame_blob import MAX_LOGICAL_SIZE
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.findings import Finding
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import Reading, ValueSource, ValueState
from sfm_archive.testing.memory import SimulatedEvent

SHOT = testing.simulate_waveform(Random(30), start_key=0x0111_0000, seconds=2.0, serial="BE11529")
FRAMES = testing.read_out(SHOT)


def event_of(simulated: SimulatedEvent) -> sfm.Event:
    return sfm.Event(serial=simulated.serial, recorded_at=simulated.recorded_at)


def report(name: str = "a.txt", data: bytes = b"text", folder: str = "") -> sfm.ReceivedFile:
    return sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name=name, data=data, folder=folder)


def event_file(data: bytes, name: str = "M529LKIQ.7M0W", folder: str = "") -> sfm.ReceivedFile:
    return sfm.ReceivedFile(kind=sfm.FileKind.EVENT_FILE, name=name, data=data, folder=folder)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sfm.Archive]:
    """A new archive."""
    with sfm.create(tmp_path / "a.sfm", actor="tester") as made:
        yield made


def state(archive: sfm.Archive) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the history's."""
    with archive.store.reading() as connection:
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM pragma_table_list WHERE type = 'table'").fetchall()
            if not name.startswith("sqlite") and name != "history"
        ]
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}


def test_a_saved_event_is_there_with_everything_that_came_with_it(archive: sfm.Archive) -> None:
    reading = Reading(quantity="ppv", channel="Tran", number=0.5, unit="in/s")
    saved = archive.save(
        event_of(SHOT),
        FRAMES,
        names=["M529LKIQ.7M0W"],
        files=[report(), event_file(testing.blastware_file(SHOT))],
        readings=[ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=(reading,))],
        findings=[sfm.Finding(code="odd", message="something odd")],
        time_zone="America/Toronto",
    )
    assert (saved.created, saved.revision, saved.new_revision, saved.changed) == (True, 1, True, True)
    assert (saved.filename, saved.files_new) == ("M529LKIQ.7M0W", (True, True))
    row = archive.event(saved.event_id)
    assert row.event() == saved.event
    assert (saved.event.start_key, saved.event.record_type) == (0x0111_0000, sfm.RecordType.WAVEFORM)
    assert (row.time_zone, row.name, row.revision, row.frame_count) == (
        "America/Toronto",
        saved.filename,
        1,
        len(FRAMES),
    )
    assert archive.frames(saved.event_id) == tuple(FRAMES)
    said = [value for value in archive.values(saved.event_id) if value.source != "decoder"]
    assert [(value.quantity, value.number, value.unit) for value in said] == [("ppv", 0.5, "in/s")]
    assert [finding.code for finding in archive.findings(saved.event_id)] == ["odd"]
    (change,) = archive.history(saved.event_id)
    assert (change.actor, change.action) == ("tester", "save")


def test_saving_the_same_again_changes_nothing_and_says_so(archive: sfm.Archive) -> None:
    def save() -> sfm.Saved:
        reading = Reading(quantity="ppv", channel="Tran", number=0.5, unit="in/s")
        return archive.save(
            event_of(SHOT),
            FRAMES,
            names=["M529LKIQ.7M0W", "M529LKIQ.7M0W"],
            files=[report(), report(), event_file(testing.blastware_file(SHOT))],
            readings=[ReadingSet(source=ValueSource.REPORT, origin_sha256="a" * 64, readings=(reading,))],
            findings=[sfm.Finding(code="odd", message="something odd")],
        )

    first = save()
    before, length = state(archive), len(archive.history())
    second = save()
    assert (second.created, second.new_revision, second.changed, second.files_new) == (
        False,
        False,
        False,
        (False,) * 3,
    )
    assert (second.event_id, second.revision, second.filename) == (first.event_id, 1, first.filename)
    assert (state(archive), len(archive.history())) == (before, length)


def test_other_frames_of_the_same_event_are_a_new_revision_and_the_old_one_stays(archive: sfm.Archive) -> None:
    torn = testing.missing_frame(FRAMES, 3)
    first = archive.save(event_of(SHOT), torn)
    second = archive.save(event_of(SHOT), FRAMES)
    again = archive.save(event_of(SHOT), torn)
    assert first.event_id == second.event_id == again.event_id
    assert [(s.revision, s.new_revision) for s in (first, second, again)] == [(1, True), (2, True), (1, False)]
    assert archive.frames(first.event_id, 1) == tuple(torn)
    assert archive.frames(first.event_id, 2) == tuple(FRAMES)
    assert [row.whole for row in archive.revisions(first.event_id)] == [False, True]


def test_frames_of_many_events_are_those_of_each_in_the_order_asked_for(archive: sfm.Archive) -> None:
    for stream in (testing.missing_frame(FRAMES, 3), FRAMES, testing.missing_frame(FRAMES, 2)):
        with_frames = archive.save(event_of(SHOT), stream).event_id
    known_by_file = archive.save(
        replace(event_of(SHOT), start_key=None, serial="BE1"), files=[event_file(testing.blastware_file(SHOT))]
    ).event_id
    found = list(archive.frames_of([known_by_file, with_frames]))
    assert found == [(known_by_file, ()), (with_frames, archive.frames(with_frames))]
    assert found[1][1] == tuple(FRAMES), "the whole revision counts, not the newest"
    with pytest.raises(sfm.EventNotFound, match="no event 99"):
        list(archive.frames_of([with_frames, 99]))


@pytest.mark.parametrize("worse", ["torn", "corrupted", "truncated"])
def test_a_worse_download_that_comes_later_does_not_hide_the_whole_one(archive: sfm.Archive, worse: str) -> None:
    random = Random(1)
    frames = {
        "torn": testing.missing_closing(FRAMES),
        "corrupted": testing.corrupted_byte(FRAMES, 2, random),
        "truncated": testing.truncated_frame(FRAMES, 2, random),
    }[worse]
    event_id = archive.save(event_of(SHOT), FRAMES).event_id
    archive.save(event_of(SHOT), frames)
    assert len(archive.revisions(event_id)) == 2
    assert archive.event(event_id).revision == 1
    assert archive.frames(event_id) == tuple(FRAMES)
    assert archive.encode(event_id).data == testing.blastware_file(SHOT)


def test_events_of_one_second_are_told_apart_by_key_and_type(archive: sfm.Archive) -> None:
    when = SHOT.recorded_at
    other = testing.simulate_histogram(Random(31), count=5, serial=SHOT.serial, recorded_at=when, start_key=0x0111_0000)
    third = testing.simulate_histogram(Random(32), count=5, serial=SHOT.serial, recorded_at=when, start_key=0x0112_0000)
    ids = {archive.save(event_of(each), testing.read_out(each)).event_id for each in (SHOT, other, third)}
    assert len(ids) == 3


def test_received_files_come_back_byte_for_byte(archive: sfm.Archive) -> None:
    random = Random(2)
    contents = [b"", b"\x00", random.randbytes(70_000), b"text\r\n" * 5000, bytes(2_000_000)]
    files = [report(f"{number}.txt", data) for number, data in enumerate(contents)]
    event_id = archive.save(event_of(SHOT), FRAMES, files=files).event_id
    rows = archive.files(event_id)
    assert [(row.name, row.size, row.kept) for row in rows] == [(file.name, len(file.data), True) for file in files]
    assert [archive.file_bytes(row) for row in rows] == contents
    assert [row.sha256 for row in rows] == [file.sha256 for file in files]


def test_equal_bytes_under_two_names_are_kept_once(archive: sfm.Archive) -> None:
    files = [report("a.txt"), report("b.txt"), report("a.txt", folder="other")]
    event_id = archive.save(event_of(SHOT), FRAMES, files=files).event_id
    assert len(archive.files(event_id)) == 3
    assert len(state(archive)["file_content"]) == 1
    assert {archive.file_bytes(row) for row in archive.files(event_id)} == {b"text"}


def test_an_event_file_that_the_encoder_makes_is_kept_by_its_hash_alone(archive: sfm.Archive) -> None:
    data = testing.blastware_file(SHOT)
    event_id = archive.save(event_of(SHOT), FRAMES, files=[event_file(data)]).event_id
    (row,) = archive.files(event_id)
    assert (row.kept, row.reproduced_by, row.size) == (False, "blastware@2", len(data))
    assert state(archive)["file_content"] == []
    assert archive.file_bytes(row) == data


def test_an_event_file_that_differs_in_one_byte_is_kept(archive: sfm.Archive) -> None:
    data = testing.blastware_file(SHOT)[:-1] + b"\xaa"
    data = data if data != testing.blastware_file(SHOT) else data[:-1] + b"\xab"
    event_id = archive.save(event_of(SHOT), FRAMES, files=[event_file(data)]).event_id
    (row,) = archive.files(event_id)
    assert (row.kept, row.reproduced_by) == (True, "")
    assert archive.file_bytes(row) == data


def test_a_file_made_from_the_second_revision_comes_back_though_the_first_cannot_be_encoded(
    archive: sfm.Archive,
) -> None:
    data = testing.blastware_file(SHOT)
    archive.save(event_of(SHOT), testing.missing_frame(FRAMES, 3))
    event_id = archive.save(event_of(SHOT), FRAMES, files=[event_file(data)]).event_id
    (row,) = archive.files(event_id)
    assert not row.kept
    assert archive.file_bytes(row) == data
    assert archive.file_bytes(row, event_id) == data


def test_a_file_shared_by_two_events_comes_back_for_either(archive: sfm.Archive) -> None:
    data = testing.blastware_file(SHOT)
    one = archive.save(event_of(SHOT), FRAMES, files=[event_file(data)]).event_id
    other = archive.save(sfm.Event(serial="BE1", recorded_at=SHOT.recorded_at), files=[event_file(data)]).event_id
    for event_id in (one, other):
        (row,) = archive.files(event_id)
        assert archive.file_bytes(row) == data
        assert archive.file_bytes(row, event_id) == data


def test_an_event_file_is_reproduced_after_the_pin_has_moved(archive: sfm.Archive) -> None:
    data = testing.blastware_file(SHOT)
    event_id = archive.save(event_of(SHOT), FRAMES).event_id
    archive.pin_encoder("blastware@1")
    archive.save(event_of(SHOT), FRAMES, files=[event_file(data)])
    (row,) = archive.files(event_id)
    if row.reproduced_by:
        assert row.reproduced_by in {str(record.encoder) for record in archive.encodings(event_id)}
    assert archive.file_bytes(row) == data


def test_a_file_larger_than_is_kept_is_refused_before_it_is_read(archive: sfm.Archive, tmp_path: Path) -> None:
    large = tmp_path / "big.bin"
    with large.open("wb") as file:
        file.truncate(LARGEST_KEPT_FILE + 1)
    given = sfm.ReceivedFile(kind=sfm.FileKind.REPORT, name="big.bin", path=large)
    with pytest.raises(BadInput, match=r"big\.bin has 1073741825 bytes.*Nothing was saved"):
        archive.save(event_of(SHOT), FRAMES, files=[given])
    assert archive.count() == 0
    fits = report("fits.bin", bytes(MAX_LOGICAL_SIZE + 1))
    archive.save(event_of(SHOT), FRAMES, files=[fits])
    assert len(archive.file_bytes(archive.files(1)[0])) == MAX_LOGICAL_SIZE + 1


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../a.txt", "/etc/passwd", "a/b", "a\\b", "C:a", "C:\\a", "a\x00b", "a\nb", "a\udcff", "x" * 256],
)
@pytest.mark.parametrize("place", ["names", "files"])
def test_a_hostile_file_name_refuses_the_whole_event(archive: sfm.Archive, name: str, place: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        if place == "names":
            archive.save(event_of(SHOT), FRAMES, names=["good.txt", name])
        else:
            archive.save(event_of(SHOT), FRAMES, files=[report(), report(name)])
    assert archive.count() == 0
    assert len(archive.history()) == 1
    assert all(not rows for table, rows in state(archive).items() if table != "archive")


def test_a_hostile_folder_name_is_made_harmless(archive: sfm.Archive) -> None:
    for number, folder in enumerate(["../..", "a\x00\nb", "x" * 300, "\udcff\udcfe"]):
        archive.save(event_of(SHOT), FRAMES, files=[report(f"{number}.txt", folder=folder)])
    folders = [row.folder for row in archive.files(1)]
    assert folders == ["../..", "ab", "x" * 255, ""]


@pytest.mark.parametrize(
    ("event", "frames", "kind"),
    [
        (SimpleNamespace(timestamp=SHOT.recorded_at, record_type="Waveform", serial=""), FRAMES, BadSerial),
        (SimpleNamespace(timestamp=SHOT.recorded_at, record_type="Waveform", serial="UNKNOWN"), FRAMES, BadSerial),
        (SimpleNamespace(timestamp=None, record_type="Waveform", serial="BE1"), FRAMES, UsageError),
        (sfm.Event(serial="BE1", recorded_at=SHOT.recorded_at), [], BadFrames),
        (sfm.Event(serial="BE1", recorded_at=SHOT.recorded_at), [{"sub": 1}], BadFrames),
        (sfm.Event(serial="BE1", recorded_at=SHOT.recorded_at), ["text"], BadFrames),
    ],
)
def test_an_event_that_cannot_be_is_refused_whole(
    archive: sfm.Archive, event: object, frames: list[object], kind: type[SfmError]
) -> None:
    with pytest.raises(kind):
        archive.save(event, frames, files=[report()])
    assert archive.count() == 0
    assert len(archive.history()) == 1


def test_the_older_librarys_objects_are_taken_as_they_are(archive: sfm.Archive) -> None:
    stamp = SimpleNamespace(year=2026, month=5, day=1, hour=13, minute=16, second=34)
    old = SimpleNamespace(timestamp=stamp, record_type="Waveform")
    saved = archive.save(old, [SimpleNamespace(**frame._asdict()) for frame in FRAMES], serial="be11529")
    assert saved.filename == "M529LKIQ.7M0W"
    assert archive.event(saved.event_id).recorded_at_local == "2026-05-01T13:16:34"
    assert archive.frames(saved.event_id) == tuple(FRAMES)
    same = archive.save(
        sfm.Event(serial="BE11529", recorded_at=datetime(2026, 5, 1, 13, 16, 34)), [frame._asdict() for frame in FRAMES]
    )
    assert (same.event_id, same.changed) == (saved.event_id, False)


def test_frames_that_are_too_short_to_say_anything_are_kept_all_the_same(archive: sfm.Archive) -> None:
    # The second one is long enough as stored and too short once its escapes are gone.
    for number, data in enumerate((b"", b"\x10\x02" * 7)):
        frames = [A5Frame(0xA5, 0, 0, data, 0, True)]
        saved = archive.save(sfm.Event(serial=f"BE{number}", recorded_at=SHOT.recorded_at), frames)
        assert archive.frames(saved.event_id) == tuple(frames)
        assert [record.outcome for record in archive.encodings(saved.event_id)] == ["refused"]
        assert [finding.code for finding in saved.findings] == ["unreadable-frames"]


def test_key_and_type_are_told_by_the_header_wherever_it_came(archive: sfm.Archive) -> None:
    in_order = archive.save(event_of(SHOT), FRAMES)
    shuffled = archive.save(event_of(SHOT), testing.out_of_order(FRAMES, Random(3)))
    assert shuffled.event == in_order.event
    assert (shuffled.event_id, shuffled.revision) == (in_order.event_id, 2)


def test_an_event_known_only_by_its_file_is_kept(archive: sfm.Archive) -> None:
    data = testing.blastware_file(SHOT)
    saved = archive.save(event_of(SHOT), names=["M529LKIQ.7M0W"], files=[event_file(data)])
    assert (saved.revision, saved.created) == (0, True)
    assert archive.file_bytes(archive.files(saved.event_id)[0]) == data
    with pytest.raises(EventNotFound, match="only received files"):
        archive.frames(saved.event_id)


def test_each_document_has_one_set_of_values_and_the_units_own_count_first(archive: sfm.Archive) -> None:
    def values(source: ValueSource, origin: str, *numbers: float | None) -> ReadingSet:
        channels = ("Tran", "Vert", "Long")
        return ReadingSet(
            source=source,
            origin_sha256=origin * 64,
            readings=tuple(
                Reading(
                    quantity="ppv",
                    channel=channel,
                    number=number,
                    unit="in/s",
                    state=ValueState.OVER_RANGE if number is None else ValueState.OK,
                )
                for channel, number in zip(channels, numbers, strict=False)
            ),
        )

    event_id = archive.save(event_of(SHOT), FRAMES).event_id
    sets = [
        values(ValueSource.SETTINGS, "1", 9.0, 9.0, 9.0),
        values(ValueSource.SIDECAR, "2", 8.0, 8.0, 8.0),
        values(ValueSource.REPORT, "3", 3.0, 3.0),
        values(ValueSource.REPORT, "4", 4.0),
        values(ValueSource.DEVICE_RECORD, "5", None),
    ]
    for reading_set in sets:
        assert archive.attach(event_id, [], [reading_set])
        assert not archive.attach(event_id, [], [reading_set])
    current = {
        value.channel: (value.number, value.state, value.source)
        for value in archive.values(event_id)
        if value.quantity == "ppv"
    }
    assert current == {
        "Tran": (None, "over-range", "device record"),
        "Vert": (3.0, "ok", "report"),
        "Long": (8.0, "ok", "sidecar"),
    }
    assert [value.number for value in values_of(archive.store, [event_id], ["ppv"])[event_id]].count(3.0) == 1
    assert values_of(archive.store, [], ["ppv"]) == {}


def test_a_finding_that_is_new_is_a_change_and_stands_in_the_history(archive: sfm.Archive) -> None:
    event_id = archive.save(event_of(SHOT), FRAMES).event_id
    saved = archive.save(event_of(SHOT), FRAMES, findings=[sfm.Finding(code="odd", message="seen later")])
    assert saved.changed
    assert len(archive.history(event_id)) == 2
    assert [entry.table for entry in archive.history(event_id)[-1].listed] == ["finding"]


def test_files_are_joined_to_events_that_are_there_and_to_no_others(archive: sfm.Archive) -> None:
    event_id = archive.save(event_of(SHOT), FRAMES).event_id
    assert archive.attach(event_id, [report()])
    assert not archive.attach(event_id, [report()])
    with pytest.raises(EventNotFound, match="no event 77"):
        archive.attach(77, [report("other.txt")])
    assert len(archive.files(event_id)) == 1
    assert waiting_files(archive.store) == []


def test_a_file_waits_for_its_event(archive: sfm.Archive) -> None:
    assert keep_waiting(archive.store, report(), archive.actor)
    assert not keep_waiting(archive.store, report(), archive.actor)
    (waiting,) = waiting_files(archive.store)
    assert archive.file_bytes(waiting) == b"text"
    event_id = archive.save(event_of(SHOT), FRAMES, files=[report()]).event_id
    assert waiting_files(archive.store) == []
    assert [row.file_id for row in archive.files(event_id)] == [waiting.file_id]


def test_half_a_character_in_a_text_is_refused_and_nothing_is_changed(archive: sfm.Archive) -> None:
    event_id = archive.save(event_of(SHOT), FRAMES).event_id
    before = state(archive), archive.history_head()
    reading = Reading(quantity="project", text="north \udcff")
    document = ReadingSet(source=ValueSource.REPORT, origin_sha256="0" * 64, readings=(reading,))
    odd = Finding(code="odd", message="\udcff")
    with pytest.raises(UsageError, match="half a character"):
        archive.attach(event_id, [report()], [document])
    with pytest.raises(UsageError, match="half a character"):
        archive.save(event_of(SHOT), FRAMES, files=[report()], findings=[odd])
    assert (state(archive), archive.history_head()) == before


def test_a_batch_is_durable_as_a_whole_and_each_save_in_it_stands_alone(archive: sfm.Archive) -> None:
    events = testing.simulate_memory(Random(4), 6, "BE11529", histograms=1.0)
    with archive.batch():
        for number, event in enumerate(events):
            if number == 3:
                with pytest.raises(UsageError):
                    archive.save(event_of(event), testing.read_out(event), files=[report(".."), report()])
            else:
                archive.save(event_of(event), testing.read_out(event))
    assert archive.count() == 5
    with pytest.raises(KeyError), archive.batch():
        archive.save(event_of(events[3]), testing.read_out(events[3]))
        raise KeyError
    assert archive.count() == 5
    assert len(archive.history()) == 6

"""Events found by what was stated and measured of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

import sfm_archive as sfm
from sfm_archive.errors import UsageError
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.events import Event, RecordType
from sfm_archive.model.readings import Reading, ValueSource, ValueState, measured_reading, stated_reading
from sfm_archive.model.received import FileKind, ReceivedFile
from sfm_archive.model.selection import parse_velocity, select
from sfm_archive.storage import summaries

START = datetime(2026, 5, 1, 6, 0, 0)


def document(*readings: Reading, source: ValueSource = ValueSource.REPORT, number: int = 1) -> ReadingSet:
    return ReadingSet(source=source, origin_sha256=f"{number:064x}", readings=readings)


def peak(text: str, channel: str = "Vert") -> Reading:
    return measured_reading("ppv", text, channel)


@pytest.fixture
def archive(tmp_path):
    with sfm.create(tmp_path / "a.sfm") as opened:
        yield opened


def put(archive, *documents: ReadingSet) -> int:
    moment = START + timedelta(minutes=archive.count())
    event = Event(serial="BE11529", recorded_at=moment, record_type=RecordType.HISTOGRAM)
    file = ReceivedFile(kind=FileKind.REPORT, name="a.txt", data=str(moment).encode())
    return archive.save(event, files=[file], readings=documents).event_id


def found(archive, **filters) -> list[int]:
    ids = [row.event_id for row in archive.events(**filters)]
    assert archive.count(select(**filters)) == len(ids)
    return ids


def test_words_are_found_in_any_case_and_with_any_blanks(archive):
    first = put(archive, document(stated_reading("project", "Steinbruch  GROSSE Höhe, Ost")))
    put(archive, document(stated_reading("project", "Steinbruch West")))
    put(archive)
    assert found(archive, project="große höhe") == [first]
    assert found(archive, project="steinbruch grosse") == [first]
    assert found(archive, project="%") == found(archive, project="_") == found(archive, client="Steinbruch") == []


def test_every_filter_must_hold(archive):
    wanted = put(
        archive, document(stated_reading("client", "Acme"), stated_reading("location", "School"), peak("2 mm/s"))
    )
    put(archive, document(stated_reading("client", "Acme"), stated_reading("location", "Church"), peak("3 mm/s")))
    put(archive, document(stated_reading("client", "Acme"), stated_reading("location", "School"), peak("1 mm/s")))
    assert found(archive, client="acme", location="school", ppv_from="2 mm/s", decided=True) == [wanted]


def test_the_text_that_counts_is_searched_and_no_other(archive):
    settings = document(stated_reading("project", "old job"), source=ValueSource.SETTINGS)
    event = put(archive, settings, document(stated_reading("project", "new job"), number=2))
    assert found(archive, project="new job") == [event]
    assert found(archive, project="old job") == []


def test_peaks_are_compared_in_their_own_units_and_over_range_up_to_its_rail(archive):
    quiet = put(archive, document(peak("0.49 in/s"), peak("12 mm/s", "Tran")))
    inches = put(archive, document(peak("0.5 in/s")))
    metric = put(archive, document(peak("12.7 mm/s", "Long")))
    over = put(archive, document(peak("OORANGE")))
    below = put(archive, document(peak("<1.0 in/s")))
    silent = put(archive, document(measured_reading("pspl", "130 dB(L)", "MicL")))
    for half in ("0.5in/s", "12.7 mm/s"):
        assert found(archive, ppv_from=half, decided=True) == [inches, metric, over]
    assert found(archive, ppv_from="0 in/s", decided=True) == [quiet, inches, metric, over, below]
    assert below not in found(archive, ppv_from="0.1 in/s", decided=True)
    # One channel of each says nothing of the others.
    assert found(archive, ppv_from="9 in/s") == [quiet, inches, metric, over, below, silent]


def test_a_peak_that_a_unit_stores_in_single_precision_is_found_by_its_printed_number(archive):
    number = 0.8849999904632568  # 0.885 as a 32-bit number
    event = put(archive, document(Reading(quantity="ppv", channel="Vert", number=number, unit="in/s")))
    assert found(archive, ppv_from="0.885in/s") == [event]


def test_an_absent_peak_may_be_any(archive):
    event = put(archive, document(Reading(quantity="ppv", channel="Vert", state=ValueState.ABSENT)))
    assert found(archive, ppv_from="0 in/s", decided=True) == []
    assert found(archive, ppv_from="9 in/s") == [event]


@pytest.mark.parametrize("text", ["0.5", "0.5 Hz", ">1 mm/s", "fast", "-1 mm/s", "nan mm/s", "1e9 mm/s"])
def test_what_is_no_velocity_is_refused(text):
    with pytest.raises(UsageError):
        select(ppv_from=text)


def test_a_velocity_is_read_with_its_unit():
    assert parse_velocity("0.5in/s") == parse_velocity(" 12.7 MM/S ") == 12.7


def test_many_that_pass_are_found_as_few_are(archive, monkeypatch):
    """Few are looked up in indexes, many are met on the way through the archive."""
    for number, text in enumerate(("north", "north face", "south", "", "north")):
        said = [stated_reading(quantity, text) for quantity in ("project", "client", "location") if text]
        put(archive, document(*said, peak(f"{number} in/s"), peak("1 in/s", "Tran"), peak("1 in/s", "Long")))
    asked = [
        {"project": "north"}, {"client": "face", "location": "north"}, {"ppv_from": "2 in/s"}, {"project": "none"},
        {"ppv_from": "2 in/s", "decided": True, "project": "NORTH"}, {"false_triggers": False},
        {"false_triggers": True},
        {"project": "north", "since": "2026-05-01 06:01", "ppv_from": "0.5 in/s"},
    ]  # fmt: skip
    few = [found(archive, **filters) for filters in asked]
    assert few == [[1, 2, 5], [2], [3, 4, 5], [], [5], [1, 2, 3, 4, 5], [], [1, 2, 5]]
    monkeypatch.setattr(summaries, "FEW", 0)
    assert [found(archive, **filters) for filters in asked] == few
    monkeypatch.setattr(summaries, "_MOST_TEXTS", 1)
    assert [found(archive, **filters) for filters in asked] == few
    assert archive.count(select(project="north"), up_to=1) == 2

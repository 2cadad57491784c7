"""Micromates: event files kept as received, and one event in six forms, wherever THOR keeps them."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from random import Random

import pytest

import sfm_archive as sfm
from sfm_archive.testing import blastware_file, simulate_histogram
from sfm_archive.testing.thor_folder import FORMS, thor_folder
from tests.importing.test_reports_as_events import REAL, numbers, thors

NAME = "UM16127_20260626154105.IDFW"
BODY = bytes.fromhex("001201000000496e7374616e74656c00") + bytes(range(256)) * 20


@pytest.fixture
def archive(tmp_path):
    with sfm.create(tmp_path / "a.sfm") as archive:
        yield archive


def put(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def real_forms(tmp_path: Path) -> dict[str, Path]:
    """A real export, with a binary, a page, a PDF and an XML document beside it, as THOR's folders have them."""
    text = REAL[-1].read_bytes()
    unit = "THORDATA/North quarry/UM16127"
    return {
        "binary": put(tmp_path, f"{unit}/{NAME}", BODY),
        "text": put(tmp_path, f"{unit}/TXT/{NAME}.TXT", text),
        "csv": put(tmp_path, f"{unit}/CSV/UM16127_20260626154105.csv", thors(text.decode("cp1252")).encode()),
        "html": put(tmp_path, f"{unit}/HTML/{NAME}.html", b"<html><body>15:41:05</body></html>"),
        "pdf": put(tmp_path, f"{unit}/PDF/UM16127_20260626154105.pdf", b"%PDF-1.7 ..."),
        "xml": put(tmp_path, f"{unit}/XML/{NAME}.XML", b'<?xml version="1.0"?><Event/>'),
    }


def test_a_real_event_in_six_forms_is_one_event_and_its_binary_comes_back_byte_for_byte(archive, tmp_path):
    forms = real_forms(tmp_path)
    report = archive.import_from(tmp_path / "THORDATA")
    assert report.events_created == 1 and not report.rejected and not archive.waiting()
    assert {file.name for file in archive.files(1)} == {path.name for path in forms.values()}
    row = archive.event(1)
    assert (row.serial, row.recorded_at_local, row.record_type) == ("UM16127", "2026-06-26T15:41:05", "waveform")
    assert numbers(archive, "decoder")["ppv", "Vert"].number == pytest.approx(22.52, abs=0.005)
    assert not archive.describe(1).sample_findings
    hints = [found.message for found in archive.describe(1).findings if found.code == "thor-project"]
    (hint,) = hints
    assert "under the project 'North quarry': a hint" in hint
    assert "North quarry" not in {value.text for value in archive.values(1)}
    (item,) = archive.export(tmp_path / "out").items
    assert item.path == f"UM16127/{NAME}" and (tmp_path / "out" / item.path).read_bytes() == BODY
    assert archive.import_from(tmp_path / "THORDATA").totals["duplicate"] == 6
    assert archive.verify().ok and archive.rebuild().changed == 0


def test_the_forms_make_one_event_in_every_order(tmp_path):
    forms = real_forms(tmp_path)
    some = [forms[one] for one in ("binary", "text", "pdf")]
    held = set()
    for number, order in enumerate(permutations(some)):
        with sfm.create(tmp_path / f"{number}.sfm") as archive:
            for path in order:
                archive.import_from(path)
            (row,) = archive.events()
            files = tuple(sorted((file.kind, file.name, file.sha256) for file in archive.files(row.event_id)))
            values = tuple((one.quantity, one.channel, one.number, one.text) for one in archive.values(row.event_id))
            held.add((row[1:6], row.name, files, values, len(archive.waiting())))
            assert archive.verify().ok
    assert len(held) == 1


@pytest.mark.tables
def test_a_binary_alone_is_an_event_by_its_name_and_says_in_one_sentence_that_it_is_not_decoded(archive, tmp_path):
    path = put(tmp_path, "x/UM16127_20260626154105(1).IDFH", BODY)
    assert archive.import_from(path).events_created == 1
    row = archive.event(1)
    assert (row.record_type, row.name) == ("histogram", "UM16127_20260626154105.IDFH")
    with pytest.raises(sfm.SfmError, match="whose body is not decoded, for no such file is public to check it against"):
        archive.stream(1)
    (listed,) = archive.listing()
    assert (listed.ppv_basis, listed.encoding) == ("unknown", "received only")
    assert archive.verify().ok


def test_the_extension_proves_nothing(archive, tmp_path):
    event = simulate_histogram(Random(4), serial="BE9439")
    put(tmp_path, "in/BE9439_20200713131747.IDFW", blastware_file(event))
    put(tmp_path, "in/UM16127_20260626154106.IDFW", b"no event at all")
    report = archive.import_from(tmp_path / "in")
    assert report.events_created == 1 and archive.event(1).serial == "BE9439"
    (rejected,) = report.rejected
    assert "named like a Micromate's event file but does not begin like one" in rejected.message


def test_a_renamed_binary_is_of_the_event_of_the_report_that_is_named_like_it(tmp_path):
    binary, text = put(tmp_path, "x/blast 7.IDFW", BODY), put(tmp_path, "x/blast 7.IDFW.TXT", REAL[-1].read_bytes())
    for number, order in enumerate(permutations((binary, text))):
        with sfm.create(tmp_path / f"{number}.sfm") as archive:
            for path in order:
                archive.import_from(path)
            assert archive.count() == 1 and len(archive.files(1)) == 2 and not archive.waiting()


def test_where_report_and_name_differ_the_report_counts_and_it_is_said(archive, tmp_path):
    archive.import_from(put(tmp_path, "x/UM16127_20260626164105.IDFW.TXT", REAL[-1].read_bytes()))
    (item,) = archive.import_from(put(tmp_path, "x/UM16127_20260626164105.IDFW", BODY)).items
    assert item.event_ids == (1,) and "the report counts" in item.message and "16:41:05" in item.message


def test_a_page_that_no_event_is_named_by_is_left_alone(archive, tmp_path):
    assert len(archive.import_from(put(tmp_path, "x/index.html", b"<html></html>")).rejected) == 1
    report = archive.import_from(put(tmp_path, f"x/{NAME}.pdf", b"%PDF-1.7"))
    assert report.totals["waiting"] == 1 and archive.count() == 0


@pytest.mark.parametrize("count", [12, pytest.param(300, marks=pytest.mark.long)])
def test_a_folder_of_thor_is_as_many_events_as_it_has(archive, tmp_path, count):
    events = thor_folder(tmp_path / "in", Random(7), count)
    report = archive.import_from(tmp_path / "in")
    assert report.events_created == archive.count() == count and not report.rejected and not archive.waiting()
    kept = sum(len(archive.files(row.event_id)) for row in archive.events())
    assert report.files_found == count * (len(FORMS) + 1) == kept
    known = {(row.serial, row.recorded_at_local, row.record_type) for row in archive.events()}
    assert known == {(one.serial, f"{one.recorded_at:%Y-%m-%dT%H:%M:%S}", one.record_type.value) for one in events}
    assert archive.export(tmp_path / "out").totals["written"] == count
    assert archive.import_from(tmp_path / "in").totals["duplicate"] == report.files_found
    assert archive.verify().ok


@pytest.mark.parametrize(
    "name", ["UM16127_20260626154105.IDFH", "UM16127_20260626160000.IDFW", "UM99999_20260626154105.IDFW"]
)
def test_a_binary_whose_name_says_otherwise_than_its_report_is_one_event_with_it_in_one_import(archive, tmp_path, name):
    put(tmp_path, f"in/{name}", BODY)
    put(tmp_path, f"in/TXT/{name}.TXT", REAL[-1].read_bytes())
    put(tmp_path, f"in/PDF/{name}.PDF", b"%PDF-1.7 ...")
    report = archive.import_from(tmp_path / "in")
    (row,) = archive.events()
    assert (row.serial, row.recorded_at_local, row.record_type) == ("UM16127", "2026-06-26T15:41:05", "waveform")
    assert len(archive.files(row.event_id)) == 3 and not archive.waiting()
    (binary,) = (item for item in report.items if item.path.endswith(name))
    assert [found.code for found in binary.findings] == ["name-contradiction"]


@pytest.mark.parametrize("data", [Random(1).randbytes(500), BODY])
def test_a_monitor_log_of_a_micromate_is_kept_and_listed_and_no_event_comes_for_it(archive, tmp_path, data):
    logs = ["UM16127.MLG", NAME.replace("IDFW", "MLG")]
    for name in logs:
        put(tmp_path, f"in/{name}", data)
    report = archive.import_from(tmp_path / "in")
    assert report.totals["kept"] == 2 and not report.anything_rejected
    archive.import_from(put(tmp_path, f"x/{logs[1]}.TXT", REAL[-1].read_bytes()))
    listed = archive.waiting()
    assert [file.file.name for file in listed] == logs and not any(file.waits for file in listed)
    assert {file.message for file in listed} == {item.message for item in report.items}
    assert archive.info().waiting_files == 0 and archive.verify().ok


def test_a_renamed_binary_waits_in_every_list_until_its_report_comes(archive, tmp_path):
    (item,) = archive.import_from(put(tmp_path, "x/renamed.bin", BODY)).items
    (listed,) = archive.waiting()
    assert item.outcome == "waiting" and listed.waits and listed.message == item.message
    assert archive.info().waiting_files == 1
    assert archive.import_from(put(tmp_path, "x/renamed.bin.TXT", REAL[-1].read_bytes())).waiting_joined == 1
    assert not archive.waiting() and archive.info().waiting_files == 0


def test_a_binary_alone_says_why_it_has_no_values(archive, tmp_path):
    archive.import_from(put(tmp_path, f"x/{NAME}", BODY))
    (found,) = archive.describe(1).sample_findings
    assert found.code == "not-decoded" and "import the report" in found.message
    archive.import_from(put(tmp_path, f"x/{NAME}.TXT", REAL[-1].read_bytes()))
    assert not archive.describe(1).sample_findings


def test_a_name_that_a_file_came_under_is_listed_also_where_exports_have_another(archive, tmp_path):
    event = simulate_histogram(Random(4), serial="BE9439")
    archive.import_from(put(tmp_path, "in/BE9439_20200713131747(1).IDFW", blastware_file(event)))
    told = archive.describe(1).event
    assert told.received_names == ("BE9439_20200713131747.IDFW",) and told.name == told.call_home_name


@pytest.mark.parametrize("name", ["UM16127_20260626154105.IDFH", "UM16127_20260626160000.IDFW"])
def test_a_binary_that_was_an_event_by_its_name_goes_to_its_reports_event_when_that_comes(archive, tmp_path, name):
    binary = put(tmp_path, f"in/{name}", BODY)
    archive.import_from(binary)
    report = put(tmp_path, f"in/{name}.TXT", REAL[-1].read_bytes())
    (item,) = archive.import_from(report).items
    assert item.event_ids == (2,) and "count event 2 alone" in item.message and "the report counts" in item.message
    assert item.outcome == "joined" and [row.event_id for row in archive.events()] == [2]
    assert {file.name for file in archive.files(2)} == {name, f"{name}.TXT"}
    assert "name-contradiction" in {found.code for found in archive.findings(2)}
    (page,) = archive.import_from(put(tmp_path, f"in/{name}.PDF", b"%PDF-1.7")).items
    assert page.event_ids == (2,)
    again = archive.import_from(tmp_path / "in")
    assert again.totals["duplicate"] == 3 and {item.event_ids for item in again.items} == {(2,)}
    assert archive.verify().ok and archive.rebuild().changed == 0


@pytest.mark.parametrize("name", ["UM16127_20260626154105.IDFH", "UM99999_20260626154105.IDFW"])
def test_a_reports_event_has_the_same_files_and_findings_whatever_its_misnamed_binary_came_before(tmp_path, name):
    forms = [
        put(tmp_path, f"in/{name}", BODY),
        put(tmp_path, f"in/{name}.TXT", REAL[-1].read_bytes()),
        put(tmp_path, f"in/{name}.PDF", b"%PDF-1.7"),
    ]
    held = set()
    for number, order in enumerate(permutations(forms)):
        with sfm.create(tmp_path / f"{number}.sfm") as archive:
            for path in order:
                archive.import_from(path)
            (row,) = archive.events()
            assert (row.serial, row.record_type) == ("UM16127", "waveform")
            files = frozenset(file.name for file in archive.files(row.event_id))
            found = frozenset((one.code, one.message) for one in archive.findings(row.event_id))
            held.add((row.name, files, found))
            assert archive.verify().ok and not archive.waiting()
    assert len(held) == 1 and {code for _, _, found in held for code, _ in found} == {"name-contradiction"}

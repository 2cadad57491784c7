"""Numbers of a report that its own samples, or its own other numbers, contradict: said, and no verdict rests on them.

The reports are the two real exports, altered in one number.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sfm_archive as sfm
from sfm_archive.archive.measuring import measured_of
from sfm_archive.limits.named_curves import curves_from
from sfm_archive.limits.verdicts import Limits, verdict_on

REAL = Path(__file__).parents[1] / "data" / "blastware-ascii"
TEXT = (REAL / "5m.TXT").read_text("cp1252")
"""Vert 22.52 mm/s at 29.3 Hz, Long 22.21 mm/s at 13.0 Hz, a vector sum of 31.68 mm/s."""
OTHER = (REAL / "15m.TXT").read_text("cp1252")


@pytest.fixture
def archive(tmp_path):
    with sfm.create(tmp_path / "a.sfm") as archive:
        yield archive


def altered(tmp_path: Path, line: str, value: str) -> Path:
    text, times = re.subn(rf'^"{line} : .*"', f'"{line} : {value}"', TEXT, flags=re.MULTILINE)
    assert times == 1
    path = tmp_path / "altered.TXT"
    path.write_bytes(text.encode("cp1252"))
    return path


def of_code(archive: sfm.Archive, code: str) -> list[str]:
    return [one.message for one in archive.describe(1).sample_findings if one.code == code]


def test_the_real_exports_contradict_themselves_in_nothing(archive):
    (item,) = archive.import_from(REAL / "5m.TXT").items
    assert not {"number-contradicted", "impossible-value"} & {one.code for one in item.findings}
    assert not of_code(archive, "number-contradicted")


@pytest.mark.parametrize(
    ("line", "value", "said"),
    [
        ("Vert ZC Freq", "120 Hz", "Vert frequency 120 Hz is reported, and the samples give 29.3 Hz"),
        ("Long ZC Freq", ">100 Hz", "Long frequency >100 Hz is reported"),
        ("Long Peak Acceleration", "0.100 g", "Long acceleration 0.100 g is reported"),
        ("Tran Peak Displacement", "0.9 mm", "Tran displacement 0.9 mm is reported"),
        ("Peak Vector Sum", "24.0 mm/s", "vector sum 24.0 mm/s is reported"),
    ],
)
def test_a_number_that_the_samples_contradict_is_said_at_the_import_and_by_the_event(
    archive, tmp_path, line, value, said
):
    (item,) = archive.import_from(altered(tmp_path, line, value)).items
    assert item.outcome == "new" and said in item.message and "nothing tells which is right" in item.message
    (message,) = of_code(archive, "number-contradicted")
    assert said in message
    assert archive.verify().ok and archive.rebuild(dry_run=True).changed == 0


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Vert ZC Freq", "29 Hz"),
        ("Vert ZC Freq", "33 Hz"),
        ("Long Peak Acceleration", "0.9 g"),
        ("Tran ZC Freq", "N/A"),
    ],
)
def test_what_rounding_or_a_neighbouring_rule_may_make_is_not_accused(archive, tmp_path, line, value):
    archive.import_from(altered(tmp_path, line, value))
    assert not of_code(archive, "number-contradicted")


@pytest.mark.parametrize(
    ("hertz", "outcome"),
    [("34.7 Hz", "within"), ("33 Hz", "within"), ("12 Hz", "undecided"), (">100 Hz", "undecided"), ("N/A", "within")],
)
def test_a_frequency_that_the_samples_contradict_decides_nothing(archive, tmp_path, hertz, outcome):
    """Long 15.29 mm/s: of the USBM curve at most 15.2 mm/s at 12 Hz, 44 at 34.7. Neither print nor samples count."""
    text, times = re.subn(r'"Long ZC Freq : .*"', f'"Long ZC Freq : {hertz}"', OTHER)
    assert times == 1
    (tmp_path / "15m.TXT").write_bytes(text.encode("cp1252"))
    archive.import_from(tmp_path / "15m.TXT")
    (row,) = archive.events()
    verdict = verdict_on(measured_of(archive, [row])[row.event_id], Limits(curves_from(["usbm"])))
    assert verdict.outcome.value == outcome


def test_a_vector_sum_above_what_its_peaks_give_is_said(archive, tmp_path):
    (item,) = archive.import_from(altered(tmp_path, "Peak Vector Sum", "45.0 mm/s")).items
    said = "a vector sum of 45.0 mm/s is printed beside Tran 10.27 mm/s, Vert 22.52 mm/s, Long 22.21 mm/s, which give"
    assert said in item.message and "33.2" in item.message


def test_an_over_range_that_samples_far_below_the_range_contradict_is_said(archive, tmp_path):
    """The range is 254 mm/s, the greatest sample of Vert 22.52 mm/s; what a document prints stays what is shown."""
    (item,) = archive.import_from(altered(tmp_path, "Vert PPV", "OORANGE")).items
    assert "Vert over range is reported, and the samples give 22.52 mm/s" in item.message
    assert of_code(archive, "peak-contradicted")
    (listed,) = archive.listing()
    assert listed.ppv is not None and listed.ppv.state == "over-range"
    assert archive.verify().ok and archive.rebuild(dry_run=True).changed == 0

"""One value has the same digits in every output."""

from __future__ import annotations

import csv
import io

from sfm_archive.model.reading_text import reading_text
from sfm_archive.model.readings import Reading, ValueSource


def test_a_peak_of_32_bits_is_the_same_number_everywhere(sfm, quarry):
    shown = {
        (value["quantity"], value["channel"], one["source"]): value["number"]
        for one in sfm.json("show", quarry, "3")["readings"]
        for value in one["values"]
    }
    assert shown["ppv", "Vert", "device record"] == 0.885
    (listed,) = sfm.json("list", quarry, "3")["events"]
    assert listed["ppv"]["number"] == 0.885
    (row,) = csv.DictReader(io.StringIO(sfm("summary", quarry, "3", "--csv").stdout))
    assert row["ppv"] == "0.885"
    sfm("export-data", quarry, "data", "3", "--format", "csv")
    values = list(csv.DictReader(io.StringIO((sfm.folder / "data" / "values.csv").read_text(encoding="utf-8"))))
    exported = {(r["quantity"], r["channel"], r["source"]): float(r["number"]) for r in values if r["number"]}
    same = {key: number for key, number in shown.items() if number is not None and key in exported}
    assert exported == same and len(same) > 15


def test_a_small_pressure_has_three_digits():
    for number, text in ((0.000659, "0.000659 psi"), (0.00245, "0.00245 psi"), (0.01453, "0.0145 psi")):
        reading = Reading(quantity="pspl", channel="MicL", number=number, unit="psi", source=ValueSource.DEVICE_RECORD)
        assert reading_text(reading) == text

"""Rows of a report's monitor log."""

from __future__ import annotations

from datetime import datetime

import pytest

from sfm_archive.formats.reports.monitor_log import monitor_log


@pytest.mark.parametrize(
    "text",
    ["Jun 26 /26 15:00:00", "Jun 26/26 15:00:00", "June 26, 2026 15:00:00", "2026-06-26 15:00:00"],
)
def test_a_row_tells_a_span_in_the_forms_that_are_known(text):
    (row,) = monitor_log([f'"{text}"\t{text.replace("15:", "16:")}\tStopped'])
    assert row.span == (datetime(2026, 6, 26, 15), datetime(2026, 6, 26, 16)) and row.text == "Stopped"


@pytest.mark.parametrize(
    ("started", "stopped"),
    [
        ("26/06/26 15:00:00", "26/06/26 16:00:00"),
        ("Foo 26 /26 15:00:00", "Jun 26 /26 16:00:00"),
        ("Jun 31 /26 15:00:00", "Jul 1 /26 16:00:00"),
        ("Jun 26 /26 25:00:00", "Jun 26 /26 26:00:00"),
        ("Jun 26 /26 15:00:00", "Jun 26 /26 14:00:00"),
    ],
)
def test_a_row_in_another_form_or_that_runs_backwards_tells_none(started, stopped):
    (row,) = monitor_log([f"{started}\t{stopped}\tStopped"])
    assert row.span is None


def test_other_lines_and_rows_of_intervals_are_no_rows_of_it():
    assert monitor_log(["Monitor Log(s)", '"Client : x"', "15:00:00\t0.12\t0.13", "15:00:00"]) == ()

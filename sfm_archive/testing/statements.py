"""Statements that people could make, for archives that have one of everything."""

from __future__ import annotations

from sfm_archive.model.statements import (
    Blast,
    BlastEvent,
    Calibration,
    Correction,
    Firm,
    Job,
    Point,
    PointLimits,
    Statement,
    UnitWindow,
)


def statements_of_every_kind(serial: str) -> list[Statement]:
    """One statement of each kind, about a unit; the last is about event 1."""
    said = (0, "A. Miller", "log book")
    return [
        Job(0, 0, "Quarry", "Rock Ltd", "mm/s", "Europe/Berlin", *said),
        Point(0, 0, 1, "Church", "Church Street 1", "listed", 47.1, 8.2, None, None, *said),
        PointLimits(0, 0, 1, "din-4150-3-line-2", "", "120dB", "peak", "2026-05-01T00:00:00", *said),
        UnitWindow(0, 0, serial, 1, "2026-05-01T00:00:00", "2026-05-20T00:00:00", *said),
        Correction(0, 0, serial, 0, "project", "North Quarry", 0, "2026-05-01T00:00:00", "", *said),
        Calibration(0, 0, serial, "2026-02-11", "2027-02-11", "VMA", "", b"", *said),
        Firm(
            0,
            0,
            "Rock Consult",
            "Main Street 1\nRockville",
            "A. Miller",
            "",
            b"",
            "a4",
            "de",
            "mm/s",
            "din",
            "120dB",
            *said,
        ),
        Blast(
            0, 0, 1, "2026-05-01T09:01:00", "Europe/Berlin", None, "17", 12.5, "kg", 47.1, 8.21, None, None, "{}", *said
        ),
        BlastEvent(0, 0, 1, 1, "confirmed", *said),
    ]

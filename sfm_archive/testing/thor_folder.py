"""A folder as THOR keeps a Micromate's events: each as the unit's own file, and copies of it in sub-folders.

`THORDATA/<project>/<unit>/<unit>_<time>.IDFW`, and `TXT`, `CSV`, `HTML`, `PDF`, `XML` beside the files (known). What a
binary holds behind its first bytes is not: random bytes stand for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sfm_archive.testing.memory import SimulatedEvent, simulate_histogram, simulate_waveform
from sfm_archive.testing.reports import ascii_report
from sfm_archive.testing.thor import thor_csv

FORMS = ("TXT", "CSV", "HTML", "PDF", "XML")
_SIGNATURE = b"\x00\x12\x01\x00\x00\x00Instantel\x00"


def thor_folder(folder: Path, random: Random, count: int) -> list[SimulatedEvent]:
    """Write `count` events of three units in all forms below a folder; the events, in the order of their times."""
    events = []
    for number in range(count):
        at = datetime(2026, 5, 1, 6) + timedelta(minutes=number)
        serial = f"UM1000{number % 3}"
        waveform = number % 4 > 0
        if waveform:
            event = simulate_waveform(random, serial=serial, recorded_at=at, seconds=0.25, sample_rate=1024)
        else:
            event = simulate_histogram(random, serial=serial, recorded_at=at, count=4)
        events.append(event)
        unit = folder / "THORDATA" / f"Quarry {number % 2}" / serial
        name = f"{serial}_{at:%Y%m%d%H%M%S}.IDF{'W' if waveform else 'H'}"
        for form, data in _forms(event, name, waveform, random).items():
            path = unit / form / f"{name}.{form}" if form else unit / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return events


def _forms(event: SimulatedEvent, name: str, waveform: bool, random: Random) -> dict[str, bytes]:
    kind = "Full Waveform" if waveform else "Full Histogram"
    return {
        "": _SIGNATURE + random.randbytes(400),
        "TXT": ascii_report(event, file_name=name),
        "CSV": f'"EventType","{kind}"\r\n'.encode() + thor_csv(event, one_word=True),
        "HTML": f"<!DOCTYPE html><html><title>{name}</title></html>".encode(),
        "PDF": b"%PDF-1.4\n" + name.encode(),
        "XML": f'<?xml version="1.0"?><event name="{name}"/>'.encode(),
    }

"""The CSV that THOR exports of an event, as far as its form is known.

Layout: docs/facts.md, "THOR's CSV". Lines `"Key","Value"` with keys of one word, `Channel` once for each channel, one
behind the other, an ISO date, `"<0.127 mm/s"`, then a quoted row of names and quoted rows of samples, MicL in Pa. Or
keys in several words, each channel's behind its line `Channel`: nothing here claims that THOR writes these.
"""

from __future__ import annotations

from collections.abc import Sequence

from sfm_archive.testing.memory import SimulatedEvent
from sfm_archive.testing.motion import GEO_UNIT, HIGHEST, LOWEST, MICL_UNIT_PA, MM_PER_INCH, PSI_PER_PA, Motion
from sfm_archive.testing.reports import OVER_RANGE, hertz, zero_crossing_hz

_NAMES = ("Tran", "Vert", "Long", "MicL")
_OF_CHANNEL = frozenset({"PPV", "PSPL", "ZC Freq"})


def thor_csv(
    event: SimulatedEvent,
    *,
    unit: str = "mm/s",
    microphone: bool = True,
    moment: str = "%Y-%m-%d %H:%M:%S",
    line_end: str = "\r\n",
    encoding: str = "utf-8",
    serial: str | None = None,
    one_word: bool = False,
) -> bytes:
    """The whole CSV: a histogram's has no table, for its form is not known.

    `unit`: of velocities, `mm/s` or `in/s`. `moment`: how the date is printed, as for strftime; empty for no date.
    `encoding`: `utf-8-sig` writes a byte-order mark. `serial`: in place of the event's, empty for none. A geophone
    at the rail prints `OORANGE`, in the header and in the table. `one_word`: the keys as real exports have them.
    """
    count = GEO_UNIT * (MM_PER_INCH if unit == "mm/s" else 1.0)
    printed_serial = event.serial if serial is None else serial
    lines: list[Sequence[str]] = [("Serial Number", printed_serial)] if printed_serial else []
    if moment:
        lines.append(("Event Date", event.recorded_at.strftime(moment)))
    lines += [("Client", event.client), ("Geo Range", f"{10 * count / GEO_UNIT:.1f} {unit}")]
    motion = event.motion
    if motion is not None:
        lines += [
            ("Sample Rate", f"{motion.sample_rate} sps"),
            ("Pre-trigger Length", f"-{motion.pretrigger / motion.sample_rate:.3f} sec"),
            ("Record Time", f"{motion.seconds:.3f} sec"),
        ]
    for position, name in enumerate(_NAMES[: 4 if microphone else 3]):
        lines.append(("Channel", name))
        peak = event.peaks[position]
        if name == "MicL":
            lines.append(("PSPL", _pressure(round(peak / (MICL_UNIT_PA * PSI_PER_PA)))))
        else:
            lines.append(("PPV", _velocity(round(peak / GEO_UNIT), count, unit)))
        if motion is not None:
            frequency = zero_crossing_hz(motion.channels[position], motion.sample_rate)
            lines.append(("ZC Freq", hertz(frequency)))
    over = any(round(peak / GEO_UNIT) >= HIGHEST for peak in event.peaks[:3])
    pvs = OVER_RANGE if over else f"{event.peaks.pvs / GEO_UNIT * count:.3f} {unit}"
    lines.append(("Peak Vector Sum", pvs))
    if one_word:
        lines = _one_word(lines)
    if motion is not None:
        lines.append(_NAMES[: 4 if microphone else 3])
        lines += _rows(motion, count, microphone)
    return line_end.join([*(_quoted(line) for line in lines), ""]).encode(encoding)


def _one_word(lines: list[Sequence[str]]) -> list[Sequence[str]]:
    """The lines `Channel` together, and each key in one word that names its channel."""
    found: list[Sequence[str]] = [line for line in lines if line[0] == "Channel"]
    channel = ""
    for key, value in lines:
        if key == "Channel":
            channel = value.removesuffix("L")
        elif key == "Event Date":
            date, _, time = value.partition(" ")
            found += [("EventDate", date), ("EventTime", time)]
        else:
            word = "".join(part[:1].upper() + part[1:] for part in key.replace("-", "").split())
            found.append((f"{channel}{word}" if key in _OF_CHANNEL else word, value))
    return found


def _quoted(cells: Sequence[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


def _velocity(counts: int, count: float, unit: str) -> str:
    if counts >= HIGHEST:
        return OVER_RANGE
    return f"<{count:.3f} {unit}" if counts < 1 else f"{counts * count:.3f} {unit}"


def _pressure(counts: int) -> str:
    if counts >= HIGHEST:
        return OVER_RANGE
    return f"{counts * MICL_UNIT_PA:.3f} Pa" if counts else "N/A"


def _rows(motion: Motion, count: float, microphone: bool) -> list[Sequence[str]]:
    columns = [[_sample(counts, count) for counts in channel] for channel in motion.channels[:3]]
    if microphone:
        columns.append([f"{counts * MICL_UNIT_PA:.3f}" for counts in motion.micl])
    return list(zip(*columns, strict=True))


def _sample(counts: int, count: float) -> str:
    return OVER_RANGE if not LOWEST < counts < HIGHEST else f"{counts * count:.3f}"

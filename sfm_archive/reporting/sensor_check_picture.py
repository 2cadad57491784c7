"""What reports print of sensor checks, over time: frequency, overswing ratio and amplitude of each channel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sfm_archive.errors import UsageError
from sfm_archive.files.writing import write_file
from sfm_archive.model.readings import CHANNELS
from sfm_archive.model.timestamps import parse_local_text
from sfm_archive.reporting.graph import Graph, Scale, numbers
from sfm_archive.reporting.page import Box, Page
from sfm_archive.reporting.picture_file import picture_bytes, picture_kind
from sfm_archive.reporting.run import WrittenDrawing
from sfm_archive.reporting.style import COLOURS, FAINT, MARKERS
from sfm_archive.sites.units import SensorCheck

_WIDTH, _LEFT, _TOP, _HEIGHT, _GAP = 280.0, 26.0, 26.0, 38.0, 11.0
_MARK = 1.4


def write_sensor_checks(checks: Sequence[SensorCheck], target: Path, *, overwrite: bool = False) -> WrittenDrawing:
    """Write the picture as .png, .svg or .pdf. Needs the extra `plots`.

    Raises UsageError for another kind of file and where no number is printed, AlreadyExists, StorageFailed.
    """
    kind = picture_kind(target)
    page = draw_sensor_checks(checks)
    data = picture_bytes(page, kind, f"Sensor checks of {checks[0].serial}")
    new = write_file(target, data, overwrite=overwrite)
    events = len({one.event_id for one in checks})
    return WrittenDrawing(path=target, events=events, size=len(data), new=new, findings=())


def draw_sensor_checks(checks: Sequence[SensorCheck]) -> Page:
    """The page: a graph for each quantity of which a number is printed. Raises UsageError without any."""
    asked = (
        ("frequency", " ".join(("frequency,", _unit(one.frequency_unit for one in checks))).rstrip(", ")),
        ("ratio", "overswing ratio"),
        ("amplitude", " ".join(("amplitude,", _unit(one.amplitude_unit for one in checks))).rstrip(", ")),
    )
    shown = [(name, title) for name, title in asked if any(getattr(one, name) is not None for one in checks)]
    if not shown:
        raise UsageError("no report prints a number of a sensor check, so there is nothing to draw")
    moments = [parse_local_text(one.recorded_at_local) for one in checks]
    since, until = min(moments), max(moments)
    spare = max((until - since) / 40, timedelta(minutes=30))
    since, until = since - spare, until + spare
    page = Page(_WIDTH, _TOP + (_HEIGHT + _GAP) * len(shown) + 4)
    page.text(_LEFT, 9, f"Sensor checks of {checks[0].serial}", size=12, bold=True)
    page.text(_LEFT, 14, f"{moments[0]} to {max(moments)} (device-local), as reports print them", size=8, colour=FAINT)
    _key(page, checks)
    for place, (name, title) in enumerate(shown):
        top = _TOP + place * (_HEIGHT + _GAP)
        _graph(page, Box(_LEFT, top, page.right, top + _HEIGHT), checks, name, title, (since, until))
    return page


def _graph(
    page: Page,
    box: Box,
    checks: Sequence[SensorCheck],
    name: str,
    title: str,
    window: tuple[datetime, datetime],
) -> None:
    since, until = window
    found = [(one, float(getattr(one, name))) for one in checks if getattr(one, name) is not None]
    low, high = min(number for _, number in found), max(number for _, number in found)
    spare = max((high - low) / 8, abs(high) / 50, 1e-3)
    graph = Graph(page, box, Scale(0.0, (until - since).total_seconds()), Scale(low - spare, high + spare))
    days = _days(since, until)
    up = graph.y.ticks(5)
    graph.grid([at for at, _ in days], up)
    for channel in dict.fromkeys(one.channel for one, _ in found):
        own = [(one, number) for one, number in found if one.channel == channel]
        across = [(parse_local_text(one.recorded_at_local) - since).total_seconds() for one, _ in own]
        colour, mark = COLOURS.get(channel, FAINT), MARKERS.get(channel, "D")
        graph.line(across, [number for _, number in own], colour, width=0.4)
        graph.marks(across, [number for _, number in own], mark, _MARK * 2.5, colour)
    graph.frame()
    graph.number_below(days)
    graph.number_beside(numbers(up), title)


def _key(page: Page, checks: Sequence[SensorCheck]) -> None:
    x = page.right
    channels = {one.channel for one in checks}
    for channel in reversed([one for one in CHANNELS if one in channels]):
        page.text(x, 14, channel, size=8, align="right")
        page.sample(x - 10, 13, colour=COLOURS[channel], mark=MARKERS.get(channel, "D"))
        x -= 18


def _days(since: datetime, until: datetime) -> list[tuple[float, str]]:
    """At most seven days, evenly apart."""
    first = datetime(since.year, since.month, since.day) + timedelta(days=1)
    days = max(1, (until - first).days + 1)
    step = -(-days // 7)
    shown = [first + timedelta(days=number) for number in range(0, days, step)]
    return [((day - since).total_seconds(), f"{day:%Y-%m-%d}") for day in shown if since <= day <= until]


def _unit(units: Iterable[str]) -> str:
    return " / ".join(dict.fromkeys(unit for unit in units if unit))

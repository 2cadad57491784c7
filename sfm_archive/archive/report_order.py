"""Several reports of one event: in which order they count, and what they contradict each other in.

The order is one of content, so that it is the same whichever came first. Only of reports in one dialect that contradict
each other in no number the newest comes first, for it was corrected in its texts. One that is cut off comes behind the
whole ones, and what it prints otherwise than they do is as much in doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import NamedTuple

from sfm_archive.model.disputes import Difference, Values, differences, loudness, told
from sfm_archive.model.documents import ReadingSet
from sfm_archive.model.readings import ValueSource
from sfm_archive.storage.doubts import LAST_PLACE, DoubtRow
from sfm_archive.storage.files import FileRow
from sfm_archive.storage.report_decisions import ReportDecision


class _Report(NamedTuple):
    """A report of an event. `dialect`: the family of what reads it; `age`: 0 of the newest. `values`: what it says."""

    sha256: str
    name: str
    dialect: str
    whole: bool
    age: int
    values: Values


def places(
    received: Sequence[FileRow],
    documents: Sequence[ReadingSet],
    decisions: dict[str, ReportDecision],
    fits: Callable[[FileRow], bool],
) -> list[DoubtRow]:
    """The places of an event's reports that do not come first.

    `received`: those that count, the newest first, each once. `documents`: their values, oldest first. `decisions`: of
    people on reports of this event. `fits`: whether the event's own samples give the numbers of a report.
    """
    reports = [_report(file, age, documents) for age, file in enumerate(received)]
    pairs = [
        (one, other, found)
        for one, other in combinations(sorted(reports), 2)
        if (found := differences(one.values, other.values))
    ]
    if not pairs:
        ordered = sorted(reports, key=lambda one: (not one.whole, one.dialect, one.age))
        return [DoubtRow(one.sha256, "", min(place, LAST_PLACE)) for place, one in enumerate(ordered[1:], start=2)]
    differing = {one.sha256 for pair in pairs for one in pair[:2]}
    settled = differing & decisions.keys()
    if not settled:
        # One that is cut off takes no whole one's place, even where the samples give what is left of it.
        whole = {one.sha256 for one in reports if one.whole}
        settled = {file.sha256 for file in received if file.sha256 in differing & whole and fits(file)}
    by_people = bool(settled & decisions.keys())
    rows, left = [], []
    # The loudest first, and of the same loudness by dialect and hash.
    for one in sorted(reports, key=_by_content):
        against = [] if one.sha256 in settled else [pair for pair in pairs if _other(pair, one).sha256 in settled]
        if against:
            other = min((_other(pair, one) for pair in against), key=_by_content)
            said = _told(one, other)
            who = decisions.get(other.sha256) if by_people else None
            why = (
                f"the samples give the numbers of {_name(other, one)}"
                if who is None
                else f"{_name(other, one)} is of this event, as {who.decided_by} decided: {who.reason}"
            )
            rows.append(DoubtRow(one.sha256, f"{said}; {why}; so {_name(one, other)} does not count"))
        else:
            left.append(one)
    for place, one in enumerate(left[1:], start=2):
        before = [other for other in left[: place - 1] if _differ(one, other)]
        why = "" if not before else f"{_told(one, before[0])}. {_shown(one, before[0])} is shown, {_UNDECIDED}"
        rows.append(DoubtRow(one.sha256, why, min(place, LAST_PLACE)))
    return rows


_UNDECIDED = "and a verdict that both do not give is undecided, until sfm join says which is right"


def _shown(one: _Report, before: _Report) -> str:
    return "The report with the greater peak" if one.whole == before.whole else "The report that is not cut off"


def _report(file: FileRow, age: int, documents: Sequence[ReadingSet]) -> _Report:
    own = [one for one in documents if one.origin_sha256 == file.sha256 and one.source is ValueSource.REPORT]
    values = {(one.quantity, one.channel): one for document in own for one in document.readings}
    reader = own[-1].reader if own else ""
    return _Report(file.sha256, file.name, reader.partition("@")[0], any(one.whole for one in own), age, values)


def _by_content(one: _Report) -> tuple[object, ...]:
    return (not one.whole, [(-rank, -size) for rank, size in loudness(one.values)], one.dialect, one.sha256)


def _other(pair: tuple[_Report, _Report, list[Difference]], one: _Report) -> _Report:
    """The one that a report differs from in a pair; itself where it is in none."""
    first, second, _ = pair
    return second if first is one else first if second is one else one


def _differ(one: _Report, other: _Report) -> bool:
    return bool(differences(one.values, other.values))


def _told(one: _Report, other: _Report) -> str:
    return told(differences(one.values, other.values), _name(one, other), _name(other, one))


def _name(one: _Report, beside: _Report) -> str:
    """Its name, with the beginning of its hash where both have the same."""
    return f"{one.name} ({one.sha256[:8]}…)" if one.name == beside.name else one.name

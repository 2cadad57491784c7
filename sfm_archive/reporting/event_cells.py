"""Cells of the table in front of a report, and the signs in them."""

from __future__ import annotations

from collections.abc import Sequence

from sfm_archive.model.peak_text import peak_text
from sfm_archive.model.reading_text import DAY_UNKNOWN_SIGN
from sfm_archive.model.readings import Reading, ValueSource, ValueState
from sfm_archive.model.selection import Continued
from sfm_archive.reporting.event_lines import EventLine
from sfm_archive.reporting.judged import InPeriod
from sfm_archive.reporting.language import Language
from sfm_archive.reporting.page import Cell
from sfm_archive.reporting.style import ALARM, FAINT, INK
from sfm_archive.reporting.verdicts import outcome_colour
from sfm_archive.reporting.words import FALSE_TRIGGER, says_nothing

_COMPUTED_MARK = "*"


def value_cell(words: Language, found: Reading | None, *, basis: str = "") -> Cell:
    if found is None or says_nothing(found):
        return Cell("–", FAINT)
    text = words.reading(peak_text(found, basis))
    mark = _COMPUTED_MARK if found.source is ValueSource.DECODER else ""
    if found.state is ValueState.ABSENT:
        return Cell(text + mark, FAINT)
    colour = ALARM if found.state is ValueState.OVER_RANGE else INK
    return Cell(f"{text}{mark}", colour)


def peak_cell(words: Language, line: EventLine) -> Cell:
    cell = value_cell(words, line.peak, basis=line.peak_basis)
    channel = "" if line.peak is None or says_nothing(line.peak) else line.peak.channel
    text = f"{channel} {cell.text}{'' if day_is_known(line) else DAY_UNKNOWN_SIGN}".lstrip()
    return cell._replace(text=text, bold=channel != "")


def vibration_cell(words: Language, line: EventLine) -> Cell:
    if line.false_trigger:
        return Cell(words.says(FALSE_TRIGGER), INK, bold=True)
    return Cell(line.outcome_text, FAINT if line.vibration is None else outcome_colour(line.vibration))


def airblast_cell(words: Language, line: EventLine) -> Cell:
    airblast = line.verdict.airblast
    if airblast is None or line.false_trigger:
        return Cell("–", FAINT)
    return Cell(words.term(airblast.outcome), outcome_colour(airblast.outcome))


def has_nothing_here(line: EventLine) -> bool:
    """Whether the event ran into the period, and nothing of it is of the days of that."""
    part = None if line.in_period is None else line.in_period.part
    return part is not None and part.recording.measured.nothing


def day_is_known(line: EventLine) -> bool:
    """Whether it is known of which day the peak is, or there is none."""
    return line.day_known or line.peak is None or says_nothing(line.peak)


def reach_signs(line: EventLine) -> tuple[str, str]:
    """The signs before and behind the time of an event that reaches beyond the period."""
    found = line.in_period
    if found is None:
        return "", ""
    before = {Continued.YES: "←", Continued.UNKNOWN: "←?"}.get(found.began_before, "")
    behind = f"{'→' if found.runs_on else ''}{'⇄' if found.elsewhere else ''}"
    if found.part is None:
        before, behind = (f"{before}{DAY_UNKNOWN_SIGN}", behind) if before else ("", f"{behind}{DAY_UNKNOWN_SIGN}")
    return f"{before} " if before else "", f" {behind}" if behind else ""


def reach_texts(beyond: Sequence[InPeriod], words: Language) -> list[str]:
    """What these signs mean, as far as they stand there."""
    texts = []
    if any(one.is_beyond_period for one in beyond):
        texts.append(
            words.says(
                "← began before the period, → runs on beyond it: its row is of its days in the period, its page of all "
                "of it; the vector sum of a part is not known"
            )
        )
    if any(one.elsewhere for one in beyond):
        texts.append(
            words.says(
                "⇄ recorded at other points too, or perhaps so: its row is of the points asked for, its page of all of "
                "it; the vector sum of a part is not known"
            )
        )
    if any(one.began_before is Continued.UNKNOWN for one in beyond):
        texts.append(words.says("←? began before the period, and nothing tells when it ended"))
    if any(one.part is None for one in beyond):
        texts.append(words.says("† nothing tells what of it is what was asked for: its row is of the whole event"))
    return texts

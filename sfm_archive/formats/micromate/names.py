"""Names of a Micromate's event files: `UM16127_20260626154105.IDFW` (KNOWN), the unit and its device-local time.

W is a waveform, H a histogram. The extension proves nothing: a file of another unit can be called so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sfm_archive.base.texts import without_copy_mark
from sfm_archive.model.events import RecordType

_NAME = re.compile(r"([A-Z]{2}[0-9]{1,6})_([0-9]{14})\.IDF([WH])", re.ASCII | re.IGNORECASE)
_FORMS = re.compile(r"(.+)\.(?:TXT|CSV|HTML?|PDF|XML)", re.IGNORECASE)
_STEM = re.compile(r"[A-Z]{2}[0-9]{1,6}_[0-9]{14}", re.ASCII | re.IGNORECASE)
_UNIT = re.compile(r"UM[0-9]{1,6}", re.ASCII | re.IGNORECASE)
_TYPES = {"W": RecordType.WAVEFORM, "H": RecordType.HISTOGRAM}


class MicromateName(NamedTuple):
    """What a name says; `recorded_at` is device-local."""

    serial: str
    recorded_at: datetime
    record_type: RecordType


def micromate_name(name: str) -> MicromateName | None:
    """What the name of a Micromate's event file says; None for any other name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        recorded_at = datetime.strptime(found[2], "%Y%m%d%H%M%S")
    except ValueError:
        return None
    return MicromateName(found[1].upper(), recorded_at, _TYPES[found[3].upper()])


def event_named(name: str) -> MicromateName | None:
    """What the name of an event file says, or of a form in which THOR exports it (`….IDFW.TXT`, `.CSV`, `.HTML`,
    `.PDF`, `.XML`, or without `.IDFW`, which leaves the type open); None for any other name."""
    form = _FORMS.fullmatch(name)
    stem = name if form is None else form[1]
    if form is not None and _STEM.fullmatch(stem):
        found = micromate_name(f"{stem}.IDFW")
        return None if found is None else found._replace(record_type=RecordType.UNKNOWN)
    return micromate_name(stem)


def form_of_event(name: str) -> str | None:
    """The event file's name in that of a form, in upper case; None where it has none."""
    form = _FORMS.fullmatch(name)
    return form[1].upper() if form is not None and micromate_name(form[1]) is not None else None


def event_files_meant(name: str) -> tuple[str, ...]:
    """The names, in upper case, of the event files that a name is or points to: one, or two where it is that of a form
    without `.IDFW`; none for any other name."""
    if micromate_name(name) is not None:
        return (name.upper(),)
    form = _FORMS.fullmatch(name)
    if form is None:
        return ()
    if _STEM.fullmatch(form[1]):
        return tuple(f"{form[1].upper()}.IDF{letter}" for letter in _TYPES)
    return (form[1].upper(),) if micromate_name(form[1]) is not None else ()


def are_of_two(names: Iterable[str], others: Iterable[str]) -> bool:
    """Whether files of these names and of those are of two events by what they are called: both name event files, and
    none that is the same."""
    one = {meant for name in names for meant in event_files_meant(without_copy_mark(name))}
    other = {meant for name in others for meant in event_files_meant(without_copy_mark(name))}
    return bool(one and other) and one.isdisjoint(other)


def project_of_folder(parts: Sequence[str]) -> str:
    """The project under which THOR keeps a file, by the parts of its path: `THORDATA/<project>/<UM…>/…` (KNOWN), the
    last folder that is so; '' for any other path."""
    for root, project, unit in reversed([*zip(parts, parts[1:], parts[2:], strict=False)]):
        if root.upper() == "THORDATA" and _UNIT.fullmatch(unit):
            return project
    return ""


def micromate_file_name(serial: str, recorded_at: datetime, record_type: RecordType) -> str:
    """The name that such a unit gives an event's file; '' for a kind of record that has none."""
    letter = next((letter for letter, kind in _TYPES.items() if kind is record_type), "")
    return f"{serial}_{recorded_at:%Y%m%d%H%M%S}.IDF{letter}" if letter else ""

"""The files that the older store kept beside each event: A5 frames as a pickle, and metadata as JSON.

Shapes known from docs/facts.md. Both readers take bytes that anybody may have written and never run
any. What they do not interpret is not lost: the archive keeps the file itself, byte for byte.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, Final, Never

from sfm_archive.base.code_pages import text_of
from sfm_archive.base.texts import has_lone_surrogate
from sfm_archive.errors import BadFrames, BadInput
from sfm_archive.formats.blastware.frames import as_a5_frames
from sfm_archive.formats.older_store.plain_pickle import MAX_SIZE, load_plain_pickle
from sfm_archive.model.frames import A5Frame
from sfm_archive.model.readings import LONGEST_TEXT

A5_SIDECAR_VERSION: Final = 1
"""The only version that was ever written (known)."""

SIDECAR_READER: Final = "sidecar@1"
"""What reads JSON sidecars; a corrected one gets another version."""

MAX_JSON_SIZE: Final = 16 * 1024 * 1024
"""Bytes of a JSON sidecar. A real one has a few thousand."""

_AGAIN = "keep the file, and download the event again if the unit still has it"


def read_a5_sidecar(data: bytes) -> tuple[A5Frame, ...]:
    """The frames in an `.a5.pkl` sidecar, in the order received; at least one.

    The shape (known): `{"version": 1, "frames": [{"sub", "page_hi", "page_lo", "data", "chk_byte",
    "checksum_valid"}, …]}`. `chk_byte` reads as 0 and `checksum_valid` as True where absent or None; other
    keys are passed over. Raises BadInput for anything else, pickles that name or call something included.
    """
    sidecar = load_plain_pickle(data)
    if not isinstance(sidecar, dict) or "frames" not in sidecar:
        raise BadInput(
            f"A5 sidecar: holds a {type(sidecar).__name__} without frames; it is some other pickle, leave it out"
        )
    version = sidecar.get("version")
    if type(version) is not int or version != A5_SIDECAR_VERSION:
        raise BadInput(
            f"A5 sidecar: version {version!r:.40}; only version {A5_SIDECAR_VERSION} is known, "
            "keep the file and look for a newer sfm-archive"
        )
    records = sidecar["frames"]
    if not isinstance(records, list):
        raise BadInput(f"A5 sidecar: frames is a {type(records).__name__}, not a list; {_AGAIN}")
    if not records:
        raise BadInput(f"A5 sidecar: holds no frames; {_AGAIN}")
    for position, record in enumerate(records):
        if not isinstance(record, dict):
            raise BadInput(f"A5 sidecar: frame {position} is a {type(record).__name__}, not six named fields; {_AGAIN}")
    try:
        frames = as_a5_frames(map(_frame, records))
    except BadFrames as error:
        # Cut, for the message quotes what stands in the field, and that can be all of the file.
        raise BadInput(f"A5 sidecar: {error!s:.200}; {_AGAIN}") from error
    size = sum(len(frame.data) for frame in frames)
    if size > MAX_SIZE:
        # A pickle names bytes that it holds once as often as it likes: few bytes can stand for terabytes.
        raise BadInput(
            f"A5 sidecar: its frames hold {size:,} bytes, and this program reads up to {MAX_SIZE:,}; leave it out"
        )
    return frames


def _frame(record: dict[Any, Any]) -> A5Frame | dict[Any, Any]:
    """The fields of one frame, unchecked; the record itself where one of the first four is missing."""
    chk_byte, checksum_valid = record.get("chk_byte"), record.get("checksum_valid")
    try:
        return A5Frame(
            record["sub"],
            record["page_hi"],
            record["page_lo"],
            record["data"],
            0 if chk_byte is None else chk_byte,
            True if checksum_valid is None else checksum_valid,
        )
    except KeyError:
        return record


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a person decided about an event; None where they said nothing."""

    false_trigger: bool | None = None
    reviewer: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonSidecar:
    """What is understood of a `.sfm.json` sidecar; None where it says nothing.

    `peaks`: names and numbers in the order of the file, in the units of whoever wrote it (open, so they are
    never compared with readings); None too where they have another shape than that.
    """

    review: Review | None = None
    project: str | None = None
    peaks: tuple[tuple[str, float], ...] | None = None


def read_json_sidecar(data: bytes) -> JsonSidecar:
    """What is understood of a `.sfm.json` sidecar: the review, the project, the peaks.

    The names are known, the shape of `peaks` is open. Raises BadInput for what is not one JSON
    object, for a name given twice, NaN and infinite numbers, nesting too deep to read, for half characters in
    what is understood (`"\\ud800"`), and for a review of another shape: a person's decision is read for certain or not
    at all.
    """
    content = _json_object(data)
    project = content.get("project")
    return JsonSidecar(
        review=_review(content.get("review")),
        project=_whole("project", project) if isinstance(project, str) else None,
        peaks=_peaks(content.get("peaks")),
    )


def _json_object(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_JSON_SIZE:
        raise BadInput(
            f"JSON sidecar: {len(data):,} bytes, and this program reads up to {MAX_JSON_SIZE:,}; leave it out"
        )
    try:
        content = json.loads(
            text_of(data),
            object_pairs_hook=_unambiguous,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
    except RecursionError:
        # Not "from error": the traceback would be a thousand frames of the same line.
        raise BadInput("JSON sidecar: nested too deep for this program to read; look at what wrote the file") from None
    except ValueError as error:
        raise BadInput(
            f"JSON sidecar: not readable ({error}); repair the file or leave it out, the event does not need it"
        ) from error
    if not isinstance(content, dict):
        raise BadInput(
            f"JSON sidecar: holds a {type(content).__name__}, not an object; it is some other file, leave it out"
        )
    return content


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ValueError(f"{name!r:.60} is given twice in one object")
            seen.add(name)
    return content


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text:.40} is too large a number")
    return number


def _review(review: object) -> Review | None:
    if review is None:
        return None
    if not isinstance(review, dict):
        raise BadInput(f"JSON sidecar: review is a {type(review).__name__}, not an object; enter it by hand")
    false_trigger = review.get("false_trigger")
    if false_trigger is not None and not isinstance(false_trigger, bool):
        raise BadInput(
            f"JSON sidecar: review.false_trigger is a {type(false_trigger).__name__}, not true or false; "
            "enter it by hand"
        )
    return Review(
        false_trigger=false_trigger,
        reviewer=_text_or_none(review, "reviewer"),
        notes=_text_or_none(review, "notes"),
    )


def _text_or_none(review: dict[str, Any], name: str) -> str | None:
    value = review.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        return _whole(f"review.{name}", value)
    raise BadInput(f"JSON sidecar: review.{name} is a {type(value).__name__}, not a text; enter it by hand")


def _whole(name: str, text: str) -> str:
    if has_lone_surrogate(text):
        raise BadInput(
            f"JSON sidecar: {name} holds half a character (\\ud800 to \\udfff), which is no text; enter it by hand"
        )
    if len(text) > LONGEST_TEXT:
        raise BadInput(
            f"JSON sidecar: {name} has {len(text):,} characters, and this program reads up to {LONGEST_TEXT:,} of one "
            "text; enter it by hand"
        )
    return text


def _peaks(peaks: object) -> tuple[tuple[str, float], ...] | None:
    if not isinstance(peaks, dict):
        return None
    numbers: list[tuple[str, float]] = []
    for name, value in peaks.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        try:
            numbers.append((_whole("peaks", name), float(value)))
        except OverflowError:
            return None
    return tuple(numbers)

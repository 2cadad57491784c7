"""Which part of an event file an offset lies in, and where two files differ in those words.

Layout: docs/facts.md and docs/facts.md. Prefix, type tag, STRT and footer are known.
DERIVED: segments are walked by their lengths, and the first segment's (or histogram record's) header is STRT[14:21]
with the body's first bytes. Where that walk fails, everything up to the settings is called "body".

Nothing here raises on any bytes, and nothing loops over single ones.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from sfm_archive.formats.blastware.event_file import (
    BODY_OFFSET,
    FILE_PREFIX,
    FOOTER_MARK,
    FOOTER_SIZE,
    SETTING_LABELS,
    is_event_file,
    read_strt,
    record_type_of,
)
from sfm_archive.model.events import RecordType
from sfm_archive.model.readings import CHANNELS

MOST_DIFFERENCES = 64
"""Parts named by `describe_difference`; what differs behind them is one more, counted."""

_BODY = len(FILE_PREFIX) + BODY_OFFSET
_FIRST_SEGMENT = _BODY - 7
_SEGMENT_HEADER = 14
_SAMPLES_MARK = b"\x02\x00"
_BLOCK = 32
_RECORD_IN_BLOCK = 25
"""Bytes of a block that belong to its own record; the others begin the next one's header."""
_RECORD_MARK = b"\x1e\x0a\x00\x00\x00"
_SETTINGS_BEFORE_LABELS = 512
"""Binary bytes that may stand between the samples and the first label."""

# Names, and the offset at which each begins; the next one ends it.
_STRT_FIELDS = (
    (22, "STRT: name"),
    (26, "STRT: trigger mode"),
    (28, "STRT: end key"),
    (32, "STRT: start key"),
    (36, "STRT: open bytes"),
    (38, "STRT: first segment length"),
    (40, "STRT: first segment counter"),
)
_SEGMENT_FIELDS = (
    (0, "header, open bytes"),
    (2, "header, length"),
    (4, "header, counter"),
    (8, "header, mark"),
    (10, "header, first samples"),
    (14, "deltas"),
)
_BLOCK_FIELDS = (
    (0, "end of the counter"),
    (1, "index"),
    (3, "open bytes"),
    *((5 + 4 * number, f"{channel} peak") for number, channel in enumerate(CHANNELS)),
    *((7 + 4 * number, f"{channel} half-period") for number, channel in enumerate(CHANNELS)),
    (21, "open bytes"),
    (25, "next record's open bytes"),
    (27, "next record's length"),
    (29, "next record's counter"),
)
_FOOTER_FIELDS = (
    (0, "footer: mark"),
    (2, "footer: start time"),
    (10, "footer: stop time"),
    (18, "footer: open bytes"),
)
_BLOCK_STARTS = sorted(_BLOCK_FIELDS)
_NOT_NUL = re.compile(rb"[^\x00]")


class Part(NamedTuple):
    """A named range of a file, half open."""

    name: str
    start: int
    end: int


class _Section(NamedTuple):
    """A range and the fields in it: offsets from its start, or one histogram block after the other."""

    name: str
    start: int
    end: int
    fields: tuple[tuple[int, str], ...] = ()
    blocks: bool = False


@dataclass(frozen=True)
class Layout:
    """The parts of one file: every offset lies in exactly one.

    `size`: bytes of the file. `known`: it begins as an event file does, so that the names mean something; all of any
    other file is called "file".
    """

    size: int
    known: bool
    _sections: tuple[_Section, ...] = field(repr=False)

    def part_at(self, offset: int) -> Part:
        """The part that an offset lies in; behind the last byte it is "end of the file"."""
        if not 0 <= offset < self.size:
            return Part("end of the file", max(0, min(offset, self.size)), max(offset + 1, self.size))
        section = self._sections[bisect_right(self._sections, offset, key=lambda section: section.start) - 1]
        if section.blocks:
            number, inner = divmod(offset - section.start, _BLOCK)
            name, start, end = _field(_BLOCK_STARTS, inner, _BLOCK)
            base = section.start + number * _BLOCK
            return Part(f"{section.name} {number + 1}: {name}", base + start, min(base + end, section.end))
        if not section.fields:
            return Part(section.name, section.start, section.end)
        name, start, end = _field(section.fields, offset - section.start, section.end - section.start)
        return Part(f"{section.name}{name}", section.start + start, section.start + end)


def read_layout(data: bytes) -> Layout:
    if not is_event_file(data):
        return Layout(len(data), False, (_Section("file", 0, len(data)),))
    sections = [_Section("prefix", 0, 18), _Section("type tag", 18, 22)]
    strt = read_strt(data, len(FILE_PREFIX))
    if strt is None:
        return _layout(data, [*sections, _Section("body", 22, len(data))])
    fields = tuple((at - 22, name) for at, name in _STRT_FIELDS)
    sections.append(_Section("", 22, _BODY, fields))
    end = min(len(data), len(FILE_PREFIX) + strt.event_size)
    behind = [_Section("behind the event's end", end, len(data))]
    footer = len(FILE_PREFIX) + strt.event_size - FOOTER_SIZE
    if footer >= _BODY and data[footer : footer + 2] == FOOTER_MARK:
        behind.insert(0, _Section("", footer, end, _FOOTER_FIELDS))
        end = footer
    sections += _body_sections(data, end)
    return _layout(data, [*sections, *behind])


class DifferenceKind(StrEnum):
    CHANGED = "changed"
    """Both have bytes there, and they are not the same."""
    ONLY_IN_ONE = "only in the first"
    ONLY_IN_OTHER = "only in the second"
    MORE = "more"
    """The parts behind the last one that is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What differs within one part.

    `start`: first differing offset, `end`: behind the last one, both in the file that has the bytes (the first one
    where both have them). `size`: how many bytes differ between the two, or are in one file only.
    """

    part: str
    kind: DifferenceKind
    start: int
    end: int
    size: int


def describe_difference(one: bytes, other: bytes) -> list[Difference]:
    """Where two files differ, part by part; empty when they are equal.

    Files of different size that are equal up to one place and again from there on differ there only: bytes were cut
    out, or put in. Otherwise offset is compared with offset, and what one file has more at its end is one difference.
    Parts are those of `one`, of `other` where that alone reads as an event file.
    """
    if one == other:
        return []
    layout = read_layout(one)
    if not layout.known:
        layout = max(layout, read_layout(other), key=lambda found: found.known)
    prefix = common_prefix(one, other)
    behind = min(len(one), len(other)) - prefix
    if len(one) != len(other) and one[len(one) - behind :] == other[len(other) - behind :]:
        return [_only_in_one_file(one, other, prefix, prefix + abs(len(one) - len(other)))]
    found = _changed(layout, one, other, prefix)
    if len(one) != len(other):
        shorter, longer = sorted((len(one), len(other)))
        found.append(_only_in_one_file(one, other, shorter, longer))
    return found


def common_prefix(one: bytes | bytearray, other: bytes) -> int:
    """How many bytes from the start are equal; halves instead of single bytes."""
    low, high = 0, min(len(one), len(other))
    if one[:high] == other[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low


def _layout(data: bytes, sections: list[_Section]) -> Layout:
    return Layout(len(data), True, tuple(section for section in sections if section.start < section.end))


def _field(fields: tuple[tuple[int, str], ...] | list[tuple[int, str]], inner: int, size: int) -> tuple[str, int, int]:
    index = bisect_right(fields, inner, key=lambda known: known[0]) - 1
    start, name = fields[index]
    end = fields[index + 1][0] if index + 1 < len(fields) else size
    return name, start, min(end, size)


def _body_sections(data: bytes, end: int) -> list[_Section]:
    """Samples or blocks, then the settings."""
    kind = record_type_of(data[len(FILE_PREFIX) : _BODY + _BLOCK])
    samples: list[_Section] = []
    if kind is RecordType.WAVEFORM:
        samples = list(_segments(data, end))
    elif kind is RecordType.HISTOGRAM:
        samples = _blocks(data, end)
    reached = samples[-1].end if samples else min(_BODY, end)
    labels = sorted(_labels(data, reached, end), key=lambda label: label.start)
    settings = labels[0].start if labels else end
    if not samples or settings - reached > _SETTINGS_BEFORE_LABELS:
        samples.append(_Section("body", reached, settings))
        reached = settings
    sections = [_Section("", reached, reached), *labels, _Section("", end, end)]
    for before, after in pairwise(sections):
        if before.name:
            samples.append(before)
        if before.end < after.start:
            samples.append(_Section("settings", before.end, after.start))
    return samples


def _segments(data: bytes, end: int) -> Iterator[_Section]:
    """Segments as far as their lengths lead from one to the next. The first one's header begins in STRT."""
    at, number = _FIRST_SEGMENT, 0
    while data[at + 8 : at + 10] == _SAMPLES_MARK:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        stop = at + 2 + length
        if length < _SEGMENT_HEADER - 2 or stop > end:
            return
        start = max(at, _BODY)
        fields = tuple(
            (max(0, offset - (start - at)), name) for offset, name in _SEGMENT_FIELDS if offset + at + 4 > start
        )
        yield _Section(f"segment {number + 1} ({CHANNELS[number % 4]}): ", start, stop, _without_empty(fields))
        at, number = stop, number + 1


def _without_empty(fields: tuple[tuple[int, str], ...]) -> tuple[tuple[int, str], ...]:
    """Of fields that begin at one place only the last has bytes."""
    return tuple(dict(fields).items())


def _blocks(data: bytes, end: int) -> list[_Section]:
    """Blocks as far as each has the end of its record's header before it and the next index in it."""
    at = _BODY
    while at + _RECORD_IN_BLOCK <= end and (at == _BODY or data[at - 4 : at + 1] == _RECORD_MARK):
        index = int.from_bytes(data[at + 1 : at + 3], "big")
        before = index - 1 & 0xFFFF if at == _BODY else int.from_bytes(data[at - 31 : at - 29], "big")
        if index != before + 1 & 0xFFFF:
            break
        at += _BLOCK
    stop = at if data[at - 4 : at] == _RECORD_MARK[:-1] else at - _BLOCK + _RECORD_IN_BLOCK
    return [_Section("histogram block", _BODY, min(stop, end), blocks=True)] if at > _BODY else []


def _labels(data: bytes, start: int, end: int) -> Iterator[_Section]:
    """Labels with their texts, up to and without the NUL behind the text."""
    found = sorted((data.find(label.encode("ascii"), start, end), label) for label in SETTING_LABELS)
    found = [(at, label) for at, label in found if at != -1]
    limits = [at for at, _ in (*found[1:], (end, ""))][: len(found)]
    for (at, label), limit in zip(found, limits, strict=True):
        text = _NOT_NUL.search(data, at + len(label), limit)
        stop = limit if text is None else data.find(b"\x00", text.start(), limit)
        yield _Section(f"settings: {label.rstrip(':')}", at, limit if stop == -1 else stop)


def _changed(layout: Layout, one: bytes, other: bytes, start: int) -> list[Difference]:
    """Bytes that both files have and that are not the same, offset by offset."""
    size = min(len(one), len(other)) - start
    # One subtraction of large numbers marks every differing byte.
    marks = (
        int.from_bytes(one[start : start + size], "big") ^ int.from_bytes(other[start : start + size], "big")
    ).to_bytes(size, "big")
    found: list[Difference] = []
    next_one = _NOT_NUL.search(marks)
    while next_one is not None:
        first = next_one.start()
        if len(found) == MOST_DIFFERENCES:
            found.append(_difference("the parts that follow", DifferenceKind.MORE, marks[first:], start + first))
            break
        part = layout.part_at(start + first)
        found.append(_difference(part.name, DifferenceKind.CHANGED, marks[first : part.end - start], start + first))
        next_one = _NOT_NUL.search(marks, part.end - start)
    return found


def _difference(part: str, kind: DifferenceKind, marks: bytes, start: int) -> Difference:
    """`marks` begins with the first differing byte."""
    return Difference(
        part=part,
        kind=kind,
        start=start,
        end=start + len(marks.rstrip(b"\x00")),
        size=len(marks) - marks.count(0),
    )


def _only_in_one_file(one: bytes, other: bytes, start: int, end: int) -> Difference:
    kind = DifferenceKind.ONLY_IN_ONE if len(one) > len(other) else DifferenceKind.ONLY_IN_OTHER
    layout = read_layout(max(one, other, key=len))
    first, last = layout.part_at(start).name, layout.part_at(end - 1).name
    name = first if first == last else f"{first} to {last}"
    return Difference(part=name, kind=kind, start=start, end=end, size=end - start)

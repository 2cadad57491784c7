"""The built-in encoders pass the suite that strangers' encoders are asked to pass; broken ones fail it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sfm_archive.plugins.api import (
    FILE_PREFIX,
    A5Frame,
    EncodedFile,
    Encoder,
    EncodeRefused,
    Event,
    Finding,
    survey_stream,
)
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.testing.conformance import EncoderConformance, faulty_streams

REGISTRY = load_plugins()


class TestStrip(EncoderConformance):
    encoder = REGISTRY.encoder("blastware@0").offered


class TestSequential(EncoderConformance):
    encoder = REGISTRY.encoder("blastware@1").offered


class TestAddressMapped(EncoderConformance):
    encoder = REGISTRY.encoder("blastware@2").offered
    only_event_memory = True


class TestHealing(EncoderConformance):
    encoder = REGISTRY.encoder("blastware@3").offered
    only_event_memory = True


# --- the suite can fail ---

Encode = Callable[["Example", Event, Sequence[A5Frame]], Any]


def right(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    survey = survey_stream(frames)
    if survey.memory is None:
        raise EncodeRefused("not whole", survey.findings)
    return EncodedFile(FILE_PREFIX + survey.memory, survey.findings)


@dataclass
class Example(Encoder):
    """An encoder whose faults are given."""

    does: Encode = right
    family: Any = "example"
    version: Any = 1
    description: Any = "an example"
    seen: list[Any] = field(default_factory=list)

    def encode(self, event: Event, frames: Sequence[A5Frame]) -> Any:
        return self.does(self, event, frames)


def suite(encoder: object, **declared: Any) -> EncoderConformance:
    made = type("Suite", (EncoderConformance,), {"encoder": encoder, **declared})()
    assert isinstance(made, EncoderConformance)
    return made


def every_fault(suite: EncoderConformance) -> None:
    for fault in faulty_streams():
        suite.test_a_faulty_stream_gives_a_file_or_a_refusal(fault)
    if suite.only_event_memory:
        suite.test_no_byte_comes_from_outside_the_event()


def data_of(frames: Sequence[A5Frame]) -> bytes:
    return right(Example(), Event(serial="BE1", recorded_at=_NOW), frames).data


_NOW = datetime(2026, 5, 1)


def counts(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    self.seen.append(event)
    return EncodedFile(data_of(frames) + bytes((len(self.seen) % 256,)))


def remembers(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    self.seen.append(data_of(frames))
    return EncodedFile(self.seen[-2] if len(self.seen) > 1 else self.seen[-1])


def draws(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    return EncodedFile(data_of(frames) + Random().randbytes(8))


def reads_the_clock(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    return EncodedFile(data_of(frames) + str(time.time_ns()).encode())


def sorts_in_place(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    data = data_of(frames)
    if isinstance(frames, list):
        frames.reverse()
    return EncodedFile(data)


def wants_a_list(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    if isinstance(frames, list):
        return EncodedFile(data_of(frames) + b"a list")
    return EncodedFile(data_of(frames))


def reads_a_file(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    with Path(__file__).open("rb") as file:
        return EncodedFile(data_of(frames) + file.read(1))


def refuses_everything(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    raise EncodeRefused("no", (Finding(code="no", message="no"),))


def lets_errors_out(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    memory: Any = survey_stream(frames).memory
    return EncodedFile(FILE_PREFIX + memory)


def gives_nothing(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    memory = survey_stream(frames).memory
    return EncodedFile(b"" if memory is None else FILE_PREFIX + memory)


def gives_bytes(self: Example, event: Event, frames: Sequence[A5Frame]) -> bytes:
    return data_of(frames)


def refuses_without_a_reason(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    try:
        return right(self, event, frames)
    except EncodeRefused:
        raise EncodeRefused("no") from None


def finds_text(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    findings: Any = ("a gap",)
    return EncodedFile(data_of(frames), findings)


def finds_with_odd_codes(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    return EncodedFile(data_of(frames), (Finding(code="A Gap!", message="a gap"),))


def finds_backwards(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    return EncodedFile(data_of(frames), (Finding(code="gap", message="a gap", start=9, end=3),))


def fills_gaps(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    survey = survey_stream(frames)
    if survey.strt is None or survey.strt.event_size > 1 << 20:
        raise EncodeRefused("no header", survey.findings)
    memory = bytearray(survey.strt.event_size)
    for piece in survey.pieces:
        at = piece.address - survey.strt.start_key
        if 0 <= at < len(memory):
            memory[at : at + len(piece.content)] = piece.content[: len(memory) - at]
    return EncodedFile(FILE_PREFIX + memory, survey.findings)


def hangs(self: Example, event: Event, frames: Sequence[A5Frame]) -> EncodedFile:
    time.sleep(5)
    return EncodedFile(data_of(frames))


S = EncoderConformance
BROKEN: list[tuple[str, object, Callable[[Any], None], str]] = [
    ("no class", Example, S.test_its_name_follows_the_rules, "give an object"),
    ("family", Example(family="Example"), S.test_its_name_follows_the_rules, "is not the name of an encoder"),
    ("version", Example(version="1"), S.test_its_name_follows_the_rules, "not a whole number"),
    ("a true version", Example(version=True), S.test_its_name_follows_the_rules, "not a whole number"),
    ("description", Example(description="two\nlines"), S.test_it_describes_itself_in_one_line, "line breaks"),
    ("no description", Example(description=None), S.test_it_describes_itself_in_one_line, "not text"),
    ("counts", Example(counts), S.test_it_makes_the_same_file_every_time, "another answer the second time"),
    ("remembers", Example(remembers), S.test_it_makes_the_same_file_every_time, "another answer the second time"),
    ("draws", Example(draws), S.test_it_makes_the_same_file_every_time, "another answer the second time"),
    ("clock", Example(reads_the_clock), S.test_it_makes_the_same_file_every_time, "another answer the second time"),
    ("structure", Example(draws), S.test_its_event_files_are_sound, "its STRT says"),
    ("sorts", Example(sorts_in_place), S.test_it_leaves_its_arguments_alone, "changed the event or the frames"),
    ("list", Example(wants_a_list), S.test_lists_and_tuples_of_frames_are_the_same_to_it, ""),
    ("file", Example(reads_a_file), S.test_it_reads_and_writes_nothing_outside, "while encoding it did: open"),
    ("refuses", Example(refuses_everything), S.test_it_makes_a_file_of_every_whole_event, "a whole event was refused"),
    ("errors", Example(lets_errors_out), every_fault, "TypeError"),
    ("nothing", Example(gives_nothing), every_fault, "the file is empty"),
    ("bytes", Example(gives_bytes), every_fault, "gave back bytes, not EncodedFile"),
    ("no reason", Example(refuses_without_a_reason), every_fault, "without findings"),
    ("text", Example(finds_text), every_fault, "is not a Finding"),
    ("codes", Example(finds_with_odd_codes), every_fault, "is not words of a-z"),
    ("backwards", Example(finds_backwards), every_fault, "has bounds"),
]


@pytest.mark.parametrize(("encoder", "test", "says"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_encoder_fails(encoder: object, test: Callable[[Any], None], says: str) -> None:
    with pytest.raises((AssertionError, Exception)) as caught:
        test(suite(encoder))
    assert says in str(caught.value)


def test_invented_bytes_fail_where_none_are_declared() -> None:
    every_fault(suite(Example(fills_gaps)))
    with pytest.raises(AssertionError, match="bytes that are not the event's"):
        every_fault(suite(Example(fills_gaps), only_event_memory=True))


def test_an_encoder_that_hangs_fails() -> None:
    with pytest.raises(pytest.fail.Exception, match="has not answered after"):
        suite(Example(hangs), time_limit_s=0.2).test_it_makes_a_file_of_every_whole_event()


def test_the_example_is_right_but_for_its_faults() -> None:
    good = suite(Example())
    for name in dir(good):
        if (
            name.startswith("test_")
            and name != "test_speed"
            and "faulty" not in name
            and "outside_the_event" not in name
        ):
            getattr(good, name)()
    every_fault(good)


def test_pytest_is_needed_by_the_suite_alone() -> None:
    import subprocess
    import sys

    code = "import sys, sfm_archive.testing; print('pytest' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.strip() == "False"

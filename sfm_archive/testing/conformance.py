"""The conformance suite for encoders: the contract of docs/writing-a-plugin.md as tests, for plug-in authors.

In your own tests, with pytest:

    from my_package import MyEncoder
    from sfm_archive.testing.conformance import EncoderConformance

    class TestMyEncoder(EncoderConformance):
        encoder = MyEncoder()

What only some encoders promise is declared beside `encoder`; see the attributes of EncoderConformance. This module
needs pytest; nothing else of `sfm_archive.testing` does.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any, ClassVar

import pytest

from sfm_archive import testing
from sfm_archive.errors import BadFrames, EncodeRefused
from sfm_archive.formats.blastware.event_file import FILE_PREFIX, inspect_event_file
from sfm_archive.model.encoders import EncodedFile, parse_encoder_name
from sfm_archive.model.events import Event
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.model.frames import A5Frame
from sfm_archive.plugins.contracts import Encoder
from sfm_archive.plugins.loading import load_plugins
from sfm_archive.testing.memory import SimulatedEvent

Frames = Sequence[A5Frame]
Answer = tuple[bytes | None, tuple[Finding, ...], str]
"""The bytes, or None and the sentence of a refusal; and the findings."""

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_ROUNDS = 5
_END_BEFORE = "an end key before the end"


@cache
def events() -> tuple[SimulatedEvent, ...]:
    """A loud and a quiet waveform, a histogram, one of a single interval, and samples that spell a header."""
    random = Random(20260501)
    simulated = (
        testing.simulate_waveform(random, seconds=3.0, loudness="loud"),
        testing.simulate_waveform(random, seconds=1.0, sample_rate=2048),
        testing.simulate_histogram(random, count=180),
        testing.simulate_histogram(random, count=1),
        testing.header_in_samples(random),
    )
    behind = random.randbytes(testing.GAP) + testing.simulate_histogram(random, count=40).memory
    return tuple(replace(event, after=behind) for event in simulated)


@cache
def faulty_streams() -> dict[str, tuple[SimulatedEvent, Frames]]:
    """Streams as old archives and bad links have them, each with the event it is of."""
    random = Random(20260504)
    event = events()[0]
    frames = testing.read_out(event)
    wrong = testing.doubled_start(frames, echo_start=False)
    garbage = [A5Frame(0xA5, 0, 0x10, random.randbytes(300), 7, False) for _ in range(5)]
    streams: dict[str, Frames] = {
        "no frames": [],
        "a frame without content": [frames[0]._replace(data=b"\x00\x00")],
        "a short frame among good ones": [*frames[:3], frames[3]._replace(data=b""), *frames[3:]],
        "no header": frames[1:],
        "another SUB": [frames[0]._replace(sub=0xF3), *frames],
        "over-read": testing.over_read(event),
        "0x1000 fault, echo of the start": testing.doubled_start(frames),
        "0x1000 fault, echo of 0x1000": wrong,
        "0x1000 fault, then downloaded again": [*wrong, *frames],
        "a frame missing": testing.missing_frame(frames, 4),
        "the closing frame missing": testing.missing_closing(frames),
        "a frame repeated": testing.repeated_frame(frames, 4),
        "two frames that disagree": testing.conflicting_frame(frames, 4, random),
        "a byte changed": testing.corrupted_byte(frames, 4, random),
        "a damaged frame repeated": testing.corrupted_byte(testing.repeated_frame(frames, 4), 4, random),
        "a frame cut": testing.truncated_frame(frames, 4, random),
        "out of order": testing.out_of_order(frames, random),
        "without checksums": testing.without_checksums(frames),
        "restarted": testing.restarted(frames, 5),
        _END_BEFORE: testing.wrong_end_key(frames, -40),
        "an end key behind the end": testing.wrong_end_key(frames, 40),
        "an end key 3 GiB away": testing.wrong_end_key(frames, 3 << 30),
        "garbage": garbage,
        "garbage among good frames": [*frames[:2], *garbage, *frames[2:]],
        "thousands of frames": list(frames) * 200,
    }
    return {name: (event, tuple(stream)) for name, stream in streams.items()}


_FAULTS = tuple(faulty_streams())


class EncoderConformance:
    """Subclass it in a test module, under a name that begins with `Test`, and set `encoder`.

    `event_files`: what it makes of whole events passes the structural check of Blastware files. `only_event_memory`:
    it refuses what is not the whole event, so that every byte behind the prefix is the event's own; faults that bring
    wrong bytes unnoticed (a changed byte without a second copy) excepted. `time_limit_s`: an encode that takes longer
    hangs. The speed is printed, never judged.
    """

    encoder: ClassVar[Encoder]
    event_files: ClassVar[bool] = True
    only_event_memory: ClassVar[bool] = False
    time_limit_s: ClassVar[float] = 30.0

    # --- who it is ---

    def test_its_name_follows_the_rules(self) -> None:
        """family@version, as archives keep it for ever."""
        family, version = getattr(self.encoder, "family", None), getattr(self.encoder, "version", None)
        assert not isinstance(self.encoder, type), "`encoder` is a class; give an object: encoder = MyEncoder()"
        assert isinstance(self.encoder, Encoder), "it is no object of a subclass of sfm_archive.plugins.api.Encoder"
        assert isinstance(family, str), f"family is {family!r}, not text"
        assert isinstance(version, int) and not isinstance(version, bool), f"version is {version!r}, not a whole number"
        assert parse_encoder_name(f"{family}@{version}") == (family, version)

    def test_it_describes_itself_in_one_line(self) -> None:
        """For people who choose an encoder."""
        description = getattr(self.encoder, "description", None)
        assert isinstance(description, str), f"description is {description!r}, not text"
        assert description.strip() == description != "", "the description is empty or has blanks around it"
        assert description.isprintable(), "the description has line breaks or control characters"

    # --- whole events ---

    def test_it_makes_a_file_of_every_whole_event(self) -> None:
        """Well-formed downloads of either step."""
        for event in events():
            for frames in (testing.read_out(event), testing.read_out(event, testing.OLD_STEP)):
                data, findings, sentence = self._answer(event, frames)
                # Samples that spell a header are a whole event too, but to refuse them can be a rule.
                assert data is not None or event is events()[-1], f"a whole event was refused: {sentence} {findings}"

    def test_its_event_files_are_sound(self) -> None:
        """The structural check that an archive makes before it trusts a new version."""
        if not self.event_files:
            pytest.skip("declares that it makes no Blastware event files")
        for event in events()[:-1]:
            data, _, _ = self._answer(event, testing.read_out(event))
            assert data is not None
            found = [finding.message for finding in inspect_event_file(data)]
            assert not found, f"of a whole event it makes a file of which the check says: {found}"

    def test_it_makes_the_same_file_every_time(self) -> None:
        """Determinism, and no state: the other events in between change nothing, neither does a thread."""
        first = [self._answer(event, testing.read_out(event)) for event in events()]
        for _ in range(3):
            backwards = [self._answer(event, testing.read_out(event)) for event in reversed(events())]
            assert backwards[::-1] == first, "the same event gives another answer the second time"
        direct = [_answer_of(self.encoder, _event(event), tuple(testing.read_out(event))) for event in events()]
        assert direct == first, "the same event gives another answer in another thread"

    def test_lists_and_tuples_of_frames_are_the_same_to_it(self) -> None:
        """`frames` is any sequence."""
        event = events()[2]
        frames = testing.read_out(event)
        assert self._answer(event, list(frames)) == self._answer(event, tuple(frames))

    def test_it_leaves_its_arguments_alone(self) -> None:
        """Purity: neither the event nor the list of frames changes."""
        for event in events():
            known, frames = _event(event), list(testing.over_read(event))
            before = deepcopy((known, frames))
            self._within_limit(known, frames)
            assert (known, frames) == before, "encode() changed the event or the frames that it was given"

    def test_it_reads_and_writes_nothing_outside(self) -> None:
        """No files, no network, no processes while it encodes. Imports belong to the module's beginning."""
        event = events()[0]
        known, frames = _event(event), tuple(testing.read_out(event))
        _answer_of(self.encoder, known, frames)
        with _watched() as seen:
            _answer_of(self.encoder, known, frames)
        assert not seen, f"while encoding it did: {', '.join(sorted(set(seen)))}"

    # --- faulty streams ---

    @pytest.mark.parametrize("fault", _FAULTS)
    def test_a_faulty_stream_gives_a_file_or_a_refusal(self, fault: str) -> None:
        """Never another exception, an empty file or an endless loop; the same answer twice; typed findings."""
        event, frames = faulty_streams()[fault]
        answer = self._answer(event, frames)
        assert answer == self._answer(event, frames), f"{fault}: another answer the second time"
        _check_findings(fault, answer)

    def test_no_byte_comes_from_outside_the_event(self) -> None:
        """For encoders that declare `only_event_memory`, of every faulty stream."""
        if not self.only_event_memory:
            pytest.skip("does not declare only_event_memory")
        for fault, (event, frames) in faulty_streams().items():
            data, findings, _ = self._answer(event, frames)
            unnoticed = {finding.code for finding in findings} & {"checksum", "length", "unchecked"}
            if data is None or unnoticed:
                continue
            memory = data.removeprefix(FILE_PREFIX)
            # Where the STRT names an earlier end the header itself differs; all else is the event's.
            parts = (slice(0, 10), slice(14, len(memory))) if fault == _END_BEFORE else (slice(0, len(memory)),)
            own = all(memory[part] == event.memory[part] for part in parts)
            assert own, f"{fault}: the file holds bytes that are not the event's"

    # --- speed ---

    def test_speed(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Printed as a ratio to blastware@2, best of several rounds each; not judged."""
        peer = _installed("blastware", 2)
        jobs = [(_event(event), tuple(testing.read_out(event))) for event in events()[:3]]
        mine = min(_timed(self.encoder, jobs) for _ in range(_ROUNDS))
        if peer is None:
            pytest.skip("blastware@2 is not installed; nothing to compare the speed with")
        ratio = mine / min(_timed(peer, jobs) for _ in range(_ROUNDS))
        name = f"{self.encoder.family}@{self.encoder.version}"
        with capsys.disabled():
            sys.stdout.write(f"\n{name}: {ratio:.2f} times the time of blastware@2\n")

    # --- how it is asked ---

    def _answer(self, event: SimulatedEvent, frames: Frames) -> Answer:
        return self._within_limit(_event(event), frames)

    def _within_limit(self, event: Event, frames: Frames) -> Answer:
        """The answer, or a failed test after `time_limit_s`: a thread that hangs is left behind."""
        answers: list[Answer] = []
        errors: list[BaseException] = []

        def ask() -> None:
            try:
                answers.append(_answer_of(self.encoder, event, frames))
            except BaseException as error:  # noqa: BLE001 - the test fails with it, whatever it is
                errors.append(error)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(self.time_limit_s)
        if thread.is_alive():
            pytest.fail(f"encode() has not answered after {self.time_limit_s:g} s")
        if errors:
            raise AssertionError(f"{type(errors[0]).__name__}: {errors[0]}") from errors[0]
        return answers[0]


def _answer_of(encoder: Encoder, event: Event, frames: Frames) -> Answer:
    """What an encoder says. Anything but a file, EncodeRefused and BadFrames is an AssertionError."""
    try:
        made = encoder.encode(event, frames)
    except EncodeRefused as refusal:
        assert isinstance(refusal.findings, tuple), "the findings of a refusal are not a tuple"
        assert str(refusal).strip(), "a refusal says nothing"
        return None, refusal.findings, str(refusal)
    except BadFrames as unreadable:
        finding = Finding(code="unreadable-frames", message=str(unreadable), severity=Severity.REFUSAL)
        return None, (finding,), str(unreadable)
    assert isinstance(made, EncodedFile), f"encode() gave back {type(made).__name__}, not EncodedFile"
    assert type(made.data) is bytes, f"data is {type(made.data).__name__}, not bytes"
    assert made.data, "the file is empty; raise EncodeRefused for what should not become a file"
    assert type(made.findings) is tuple, f"findings are {type(made.findings).__name__}, not a tuple"
    return made.data, made.findings, ""


def _check_findings(fault: str, answer: Answer) -> None:
    data, findings, _ = answer
    assert data is not None or findings, f"{fault}: a refusal without findings gives a program nothing to act on"
    for finding in findings:
        assert isinstance(finding, Finding), f"{fault}: {finding!r} is not a Finding"
        assert isinstance(finding.severity, Severity), f"{fault}: severity {finding.severity!r}"
        assert _CODE.fullmatch(finding.code), f"{fault}: the code {finding.code!r} is not words of a-z with hyphens"
        assert finding.message.strip() and finding.message.isprintable(), f"{fault}: the message {finding.message!r}"
        bounds = (finding.start, finding.end)
        if bounds != (None, None):
            assert None not in bounds, f"{fault}: {finding.code} has one bound only: {bounds}"
            assert 0 <= (finding.start or 0) <= (finding.end or 0), f"{fault}: {finding.code} has bounds {bounds}"


def _event(simulated: SimulatedEvent) -> Event:
    return Event(
        serial=simulated.serial,
        recorded_at=simulated.recorded_at,
        record_type=simulated.record_type,
        start_key=simulated.start_key,
    )


def _installed(family: str, version: int) -> Encoder | None:
    return next((one.offered for one in load_plugins().encoders if one.name == (family, version)), None)


def _timed(encoder: Encoder, jobs: Sequence[tuple[Event, Frames]]) -> float:
    start = time.perf_counter()
    for event, frames in jobs:
        for _ in range(10):
            # A copy each time: an answer kept for the newest stream would be measured otherwise.
            _answer_of(encoder, event, (*frames,))
    return time.perf_counter() - start


# --- what it does to the world: Python calls audit hooks, and a hook can never be taken away again ---

_OUTSIDE = re.compile(r"open|os\.(?!fspath)|socket\.|subprocess\.|shutil\.|urllib\.|sqlite3\.|tempfile\.|ctypes\.")
_watching: dict[int, list[str]] = {}
_hooked: list[bool] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching:
        seen = _watching.get(threading.get_ident())
        if seen is not None and _OUTSIDE.match(event):
            seen.append(f"{event} {arguments[0]!r}" if arguments else event)


@contextmanager
def _watched() -> Iterator[list[str]]:
    """What this thread does to files, network and processes."""
    if not _hooked:
        _hooked.append(True)
        sys.addaudithook(_hook)
    seen: list[str] = []
    _watching[threading.get_ident()] = seen
    try:
        yield seen
    finally:
        del _watching[threading.get_ident()]

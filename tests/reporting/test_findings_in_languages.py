"""Findings on pages: every code that the program gives has a sentence in each language, and what decoders say is told
with its values."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import sfm_archive
from sfm_archive.model.findings import Finding
from sfm_archive.reporting.language import ENGLISH, language, languages

PROGRAM = Path(sfm_archive.__file__).parent
OTHERS = [code for code in languages() if code != ENGLISH]
APART = ("testing", "selftest", "verifying")
"""Rooms whose findings are of tests, or of whole archives."""

MADE_UP = {
    "archive/noticed.py": {"reports-differ", "report-in-doubt", "file-of-another"},
    "formats/blastware/streams.py": {"length", "checksum", "over-read", "doubled-address", "out-of-order"},
    "formats/reports/lines.py": {"line-not-read"},
    "importing/identify.py": {"time-contradiction", "serial-contradiction"},
    "plugins/registry.py": {"encoder-failed"},
    "storage/encodings.py": set(),
}
"""Files that give a finding its code by a variable, with what it can be; of encodings it is as it was kept."""

ON_PAGES = [*sorted((PROGRAM / "waveforms").glob("*.py")), PROGRAM / "model" / "setting_evidence.py"]
"""What is noticed in decoding, and so stands on the page of its event."""


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def codes_of(path: Path) -> Iterator[str]:
    for call in calls(path):
        for word in call.keywords if name_of(call) == "Finding" else ():
            if word.arg != "code":
                continue
            if isinstance(word.value, ast.Constant):
                yield word.value.value
            elif isinstance(word.value, ast.Name) and word.value.id.isupper():
                module = ".".join(path.relative_to(PROGRAM.parent).with_suffix("").parts)
                yield getattr(importlib.import_module(module), word.value.id)
            else:
                yield from MADE_UP[path.relative_to(PROGRAM).as_posix()]


@pytest.mark.parametrize("code", OTHERS)
def test_every_code_of_a_finding_has_a_sentence_and_no_other(code: str) -> None:
    files = [path for path in PROGRAM.rglob("*.py") if path.relative_to(PROGRAM).parts[0] not in APART]
    given = {one for path in files for one in codes_of(path)} - {"no-serial", "no-time"}  # of a plug-in of ObsPy
    said = language(code).findings
    assert sorted(given - set(said)) == []
    assert sorted(set(said) - given) == []
    assert all(sentence.strip() == sentence and sentence for sentence in said.values())


def filled(text: ast.expr) -> str | None:
    """A sentence with 12 for each of its values."""
    if isinstance(text, ast.Constant) and isinstance(text.value, str):
        return text.value
    if isinstance(text, ast.JoinedStr):
        return "".join(map(part_of, text.values))
    return None


def part_of(text: ast.expr) -> str:
    """Of one word or another the first."""
    if isinstance(text, ast.FormattedValue) and isinstance(text.value, ast.IfExp):
        text = text.value.body
    return str(text.value) if isinstance(text, ast.Constant) else "12"


def messages_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        found = None
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "message":
            found = filled(node.value)
        elif isinstance(node, ast.Call) and name_of(node) == "Finding":
            found = next((filled(word.value) for word in node.keywords if word.arg == "message"), None)
        elif isinstance(node, ast.Call) and name_of(node) in ("refuse", "cut_histogram", "no_samples") and node.args:
            found = filled(node.args[-1])
        if found:
            yield found


@pytest.mark.parametrize("code", OTHERS)
def test_what_decoders_notice_is_told_with_its_values(code: str) -> None:
    messages = sorted({one for path in ON_PAGES for one in messages_of(path)})
    assert len(messages) > 20
    words = language(code)
    untold = [one for one in messages if words.finding(Finding(code="none", message=one)) == one]
    assert untold == []
    numbers = [
        one for one in messages if words.finding(Finding(code="none", message=one)).count("12") < one.count("12")
    ]
    assert numbers == []


def test_a_finding_without_a_pattern_is_said_in_general_with_the_wording_of_the_archive() -> None:
    found = Finding(code="not-whole", message="something that nobody translated")
    assert language("de").finding(found) == (
        "die Bytes sind nicht das ganze Ereignis (something that nobody translated)"
    )
    assert language(ENGLISH).finding(found) == found.message
    told = language("de").told("frames revision 1: the frames are not the whole event (gap, over-read); numbers are "
                               "computed of whole events only")  # fmt: skip
    assert told == (
        "Rahmen, Version 1: die Rahmen sind nicht das ganze Ereignis (Adressen des Ereignisses fehlen; ein Rahmen "
        "bringt Bytes von außerhalb des Ereignisses); Zahlen werden nur von ganzen Ereignissen berechnet"
    )

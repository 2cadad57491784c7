"""What commands print: data on standard output as a table, JSON or CSV; everything else on standard error.

Reports, sidecars and names come from strangers, and a control character in one could move a terminal's cursor, rename
its window, or hide a line. So every line for people goes through `shown`, here and nowhere else. JSON escapes such
characters. CSV is for programs and keeps them, but for a terminal, where somebody looks at it.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from sfm_archive.base.batches import batches
from sfm_archive.base.columns import Column as Column
from sfm_archive.base.counting import counted as counted

if TYPE_CHECKING:
    from sfm_archive.formats.csv_text import CsvForm


SEALED_MEANS = "nothing is written into the file any more; sfm backup --unsealed makes a copy to work on"

_MOST_IDS = 8
_AT_ONCE = 1000


class OutputFormat(StrEnum):
    """How data is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def prepare_streams() -> None:
    """No text may end a command because a console cannot show it.

    Windows gives pipes and files the encoding of its consoles, which lacks most signs: they get UTF-8 instead.
    What still cannot be written, such as the undecodable part of a file name, appears as an escape. What is said to a
    stream that was closed goes nowhere.
    """
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None:
            continue
        if os.name == "nt" and not stream.isatty() and "PYTHONIOENCODING" not in os.environ:
            reconfigure(encoding="utf-8", errors="backslashreplace")
        else:
            reconfigure(errors="backslashreplace")


def _open_closed_streams() -> None:
    """In place of those that were closed before the program began. Their numbers would go to the next files that are
    opened, and what is printed would be written into these."""
    streams = {"stdin": "r", "stdout": "w", "stderr": "w"}
    if all(getattr(sys, name) is not None for name in streams):
        return
    while (nowhere := os.open(os.devnull, os.O_RDWR)) < len(streams):
        pass
    os.close(nowhere)
    for number, (name, mode) in enumerate(streams.items()):
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", errors="backslashreplace"))  # noqa: SIM115, PTH123


def silence(stream: TextIO) -> None:
    """After nobody takes what is written any more: let the rest, and Python's own last flush, go nowhere."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        pass


def emit(text: str) -> None:
    """Print data for people, line by line as `shown`."""
    emit_exactly(_lines_shown(text))


def emit_exactly(text: str) -> None:
    """Print data for a program, sign by sign. A reader who left does not change what a command did, nor its exit
    code."""
    _echo(text, line_end=True)


def _echo(data: str | bytes, *, line_end: bool) -> bool:
    """Whether the reader is still there."""
    try:
        # In a pipe click would take out what looks like a colour; it is part of somebody's text.
        click.echo(data, nl=line_end, color=True)
    except OSError as error:
        silence(sys.stdout)
        if not _reader_left(error):
            error.filename = "standard output"
            raise
        return False
    return True


def _reader_left(error: OSError) -> bool:
    """Whether the other end of a pipe is closed; Windows calls that an invalid argument."""
    return isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL)


def at_text(local: str) -> str:
    """A stored moment, `2026-05-01T08:00:00`, as people read it."""
    return local.replace("T", " ")


def tell(text: str) -> None:
    """Say something to the person, beside the data, line by line as `shown`. Where nobody can hear it, that changes
    neither what a command does nor its exit code."""
    try:
        click.echo(_lines_shown(text), err=True)
    except OSError:
        silence(sys.stderr)


def _lines_shown(text: str) -> str:
    return "\n".join(map(shown, text.split("\n")))


def emit_json(value: Any) -> None:
    """Print one JSON document, as `to_plain` makes it. Signs beyond ASCII are escaped: such text survives every console
    and pipe, and moves no cursor."""
    import json

    from sfm_archive.base.plain import to_plain

    emit_exactly(json.dumps(to_plain(value), indent=2))


def emit_json_list(head: Mapping[str, Any], name: str, items: Iterable[Any], count: str) -> int:
    """Print one JSON document that ends with a list, a part of the list at a time, so that it may be as long as it
    wants; behind it, under the key `count`, how many items it has. That number."""
    import json

    from sfm_archive.base.plain import to_plain

    opening = json.dumps(to_plain(head), indent=2).removesuffix("\n}")
    there = _echo(f'{opening},\n  "{name}": [', line_end=False)
    number = 0
    for some in batches(items, _AT_ONCE):
        listed = json.dumps(to_plain(some), indent=2).removeprefix("[").removesuffix("\n]").replace("\n", "\n  ")
        there = there and _echo(("," if number else "") + listed, line_end=False)
        number += len(some)
        if not there:
            break
    closing = "\n  ]" if number else "]"
    emit_exactly(f'{closing},\n  "{count}": {number}\n}}')
    return number


_Result = TypeVar("_Result")


def emit_result(output: OutputFormat, result: _Result, text: Callable[[_Result], str]) -> None:
    """Print what a command found: one JSON document, or text for people."""
    if output is OutputFormat.JSON:
        emit_json(result)
    else:
        emit(text(result))


def emit_csv(columns: Sequence[Column], rows: Iterable[Sequence[object]], form: CsvForm) -> int:
    """Print CSV: a header of names, then the rows, a part at a time; no value is an empty field. How many rows. On a
    terminal, lines as `shown`: what cannot be printed is kept for pipes and files."""
    lines = 0
    for some in batches(chain([[column.name for column in columns]], rows), _AT_ONCE):
        if sys.stdout.isatty():
            emit(form.text(some).removesuffix("\n"))
            there = True
        elif form.for_people:  # whatever the encoding of the console: the mark says UTF-8
            there = _echo(form.encoded(some, beginning=not lines), line_end=False)
        else:
            there = _echo(form.text(some), line_end=False)
        lines += len(some)
        if not there:
            break
    return lines - 1


def emit_bytes(data: bytes) -> None:
    """Print bytes as they are; on a terminal as text without what could move its cursor."""
    on_terminal = sys.stdout.isatty()
    _echo(for_terminal(data.decode("utf-8", "replace")) if on_terminal else data, line_end=False)


def for_terminal(text: str) -> str:
    """The text with `?` for all that cannot be printed, but for tabs and line ends."""
    return "".join(sign if sign.isprintable() or sign in "\t\n" else "?" for sign in text.replace("\r\n", "\n"))


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]], indent: str = "") -> str:
    """An aligned table with titles; numbers stand to the right."""
    texts = [[shown(value) for value in row] for row in rows]
    titles = [column.title for column in columns]
    widths = [max(map(len, values)) for values in zip(titles, *texts, strict=True)]

    def line(values: Sequence[str]) -> str:
        cells = zip(values, widths, columns, strict=True)
        placed = (value.rjust(width) if column.number else value.ljust(width) for value, width, column in cells)
        return (indent + "  ".join(placed)).rstrip()

    return "\n".join([line(titles), *map(line, texts)])


def totals_table(totals: Mapping[str, int], items: int, last: str, what: str = "events") -> str:
    """How many items had which outcome, and below them how many there are, with what else is to say of all."""
    rows = [(f"{number:,}", outcome) for outcome, number in totals.items() if number]
    return table((Column(what, what, number=True), Column("outcome", "outcome")), [*rows, (f"{items:,}", last)])


def tell_first(sentences: Sequence[str], most: int, rest: str = "more") -> None:
    """Say the first sentences, and how many there are beside them."""
    for sentence in sentences[:most]:
        tell(sentence)
    if len(sentences) > most:
        tell(f"and {len(sentences) - most:,} {rest}; --json lists all")


def event_words(event_ids: Sequence[int]) -> str:
    """The events that one sentence is about: `event 3`, `events 1, 4, 7`; of many the first ones and how many more."""
    named = ", ".join(map(str, event_ids[:_MOST_IDS]))
    more = len(event_ids) - _MOST_IDS
    return f"event{'s' if len(event_ids) > 1 else ''} {named}" + (f" and {more:,} more" if more > 0 else "")


def shown(value: object) -> str:
    """A value in one line of text; what cannot be printed becomes `?`, so that no name moves a terminal's cursor."""
    text = "" if value is None else str(value)
    return text if text.isprintable() else "".join(sign if sign.isprintable() else "?" for sign in text)


def pairs(values: Iterable[tuple[str, object]], indent: str = "") -> str:
    """Names and values below each other, aligned."""
    listed = [(name, shown(value)) for name, value in values]
    width = max(len(name) for name, _ in listed)
    return "\n".join(f"{indent}{name.ljust(width)}  {value}".rstrip() for name, value in listed)


def size_text(size: int) -> str:
    """A size in bytes for people."""
    if size < 10_000:
        return f"{size:,} B"
    amount = float(size)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 1000 or unit == "GB":
            break
    return f"{amount:,.1f} {unit}"

"""What a shell is offered for values: event ids and names, serials, encoders. Never raises, never writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sfm_archive.cli.output import shown

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from sfm_archive.archive import Archive
    from sfm_archive.storage.events import EventRow

MOST_OFFERED = 200
TIME_LIMIT_S = 0.5
"""A person waits at the keyboard: what was found by then is offered."""

Offer = tuple[str, str]
"""A value and its explanation."""

Completer = Callable[[click.Context, click.Parameter, str], "list[CompletionItem[str]]"]


def _never_raising(offers: Callable[[click.Context, str], Iterable[Offer]]) -> Completer:
    """The function as click's completion callback: an error anywhere only means that less is offered."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
        from click.shell_completion import CompletionItem

        found: list[CompletionItem[str]] = []
        try:
            for value, explanation in offers(ctx, incomplete):
                # Names in a stranger's archive can hold anything, and shells print what they offer.
                if value.isprintable():
                    found.append(CompletionItem(value, help=shown(explanation)))
                if len(found) >= MOST_OFFERED:
                    break
        except Exception:  # noqa: BLE001, S110 - a traceback in the middle of someone's prompt helps nobody
            pass
        return found

    return complete


def _archive(ctx: click.Context) -> Archive:
    """The archive named in the line so far, read-only and without waiting for anybody."""
    from sfm_archive.archive import Archive

    # Behind an option that still lacks its value, click has not assigned the arguments yet.
    given = ctx.params.get("archive") or ctx.args[0]
    return Archive.open(Path(given).expanduser(), read_only=True, wait_s=0)


def _events(archive: Archive) -> Iterator[EventRow]:
    """Events, newest first, as many as can be looked at while somebody waits."""
    from sfm_archive.model.selection import Selection

    deadline = time.monotonic() + TIME_LIMIT_S
    for row in archive.events(Selection(newest_first=True)):
        yield row
        if time.monotonic() > deadline:
            return


def _offer_events(ctx: click.Context, incomplete: str) -> Iterator[Offer]:
    from sfm_archive.archive.finding import name_of

    given = {str(value) for value in ctx.params.get("events") or ()}
    by_id = not incomplete or (incomplete.isascii() and incomplete.isdigit())
    with _archive(ctx) as archive:
        for row in _events(archive):
            name = name_of(row)
            when = row.recorded_at_local.replace("T", " ")
            value, other = (str(row.event_id), name) if by_id else (name, str(row.event_id))
            if value and value.upper().startswith(incomplete.upper()) and value not in given:
                yield value, f"{row.serial} {when} {row.record_type} {other}".strip()


def _offer_serials(ctx: click.Context, incomplete: str) -> Iterator[Offer]:
    given = {str(value).upper() for value in ctx.params.get("serials") or ()}
    with _archive(ctx) as archive:
        latest: dict[str, str] = {}
        for row in _events(archive):
            latest.setdefault(row.serial, row.recorded_at_local)
    for serial, when in sorted(latest.items()):
        if serial.startswith(incomplete.upper()) and serial not in given:
            yield serial, f"last event {when.replace('T', ' ')}"


def _offer_encoders(ctx: click.Context, incomplete: str) -> Iterator[Offer]:
    from sfm_archive.plugins.loading import load_plugins

    for encoder in load_plugins().encoders:
        if str(encoder.name).startswith(incomplete):
            yield str(encoder.name), encoder.description


def _offer_decoders(ctx: click.Context, incomplete: str) -> Iterator[Offer]:
    from sfm_archive.plugins.loading import load_plugins

    for decoder in load_plugins().decoders:
        if str(decoder.name).startswith(incomplete):
            yield str(decoder.name), decoder.description


def _offer_exporters(ctx: click.Context, incomplete: str) -> Iterator[Offer]:
    from sfm_archive.plugins.loading import load_plugins

    for exporter in load_plugins().exporters:
        if exporter.name.startswith(incomplete):
            yield exporter.name, exporter.description


complete_events = _never_raising(_offer_events)
complete_serials = _never_raising(_offer_serials)
complete_encoders = _never_raising(_offer_encoders)
complete_decoders = _never_raising(_offer_decoders)
complete_exporters = _never_raising(_offer_exporters)

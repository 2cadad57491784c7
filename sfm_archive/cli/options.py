"""Arguments and options that several commands share, each as a decorator with the name of what it adds.

Options travel in one value (`Access`, `Filters`, `OutputFormat`), never one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.base.shell_words import command_line
from sfm_archive.base.waiting import DEFAULT_WAIT_S
from sfm_archive.cli.completers import complete_decoders, complete_encoders, complete_events, complete_serials
from sfm_archive.cli.limit_options import judge_option, tell_unread_lines
from sfm_archive.cli.numbers import is_number
from sfm_archive.cli.opening import Access
from sfm_archive.cli.output import OutputFormat, tell
from sfm_archive.cli.paths import path_type
from sfm_archive.cli.received_filters import WHENEVER, Received, received_filters
from sfm_archive.cli.site_filters import EVERYWHERE, AtSites, site_filters
from sfm_archive.errors import EventNotFound, UsageError
from sfm_archive.model.units import GEO_UNITS

if TYPE_CHECKING:
    from sfm_archive.archive import Archive
    from sfm_archive.formats.csv_text import CsvForm
    from sfm_archive.model.selection import Selection

Command = Callable[..., Any]

RECORD_TYPES = {
    "waveform": "waveform",
    "histogram": "histogram",
    "monitor-log": "monitor log",
    "unknown": "unknown",
}
"""How a record type is written in a command, and its name in an archive."""


def serial(text: str) -> str:
    """A unit's serial, in upper case; a usage error for anything else."""
    from sfm_archive.model.serials import checked_serial

    with _naming_the_option():
        return checked_serial(text)


def since_moment(text: str) -> datetime:
    """The first second of a date or time, device-local; a usage error for anything else."""
    from sfm_archive.model.selection import parse_since

    with _naming_the_option():
        return parse_since(text)


def until_moment(text: str) -> datetime:
    """The first second behind a date or time, device-local; a usage error for anything else."""
    from sfm_archive.model.selection import parse_until

    with _naming_the_option():
        return parse_until(text)


def words(text: str) -> str:
    """Words to look for; a usage error for none: what a script left empty must not mean every event."""
    with _naming_the_option():
        if not text.strip():
            raise UsageError("no words are given; leave the option out to mean every event")
        return text


def velocity(text: str) -> float:
    """A velocity in mm/s, written with its unit; a usage error for anything else."""
    from sfm_archive.model.selection import parse_velocity

    with _naming_the_option():
        return parse_velocity(text)


def encoder_name(text: str) -> str:
    """An encoder's name, installed or not; a usage error for text that can name none."""
    from sfm_archive.model.encoders import parse_encoder_name

    with _naming_the_option():
        return str(parse_encoder_name(text))


def seconds(text: str) -> float:
    """A time to wait, from none to a day; a usage error for anything else."""
    with _naming_the_option():
        wait_s = float(text) if is_number(text) else -1.0
        if not 0 <= wait_s <= 86_400:
            raise UsageError(f"{text!r} is not a time to wait; give seconds, 0 to 86400")
        return wait_s


@contextmanager
def _naming_the_option() -> Iterator[None]:
    """click adds to its own errors which option they are about."""
    try:
        yield
    except UsageError as error:
        raise click.BadParameter(str(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The filters as they were given. Events are ids or event-file names until an archive is there to ask."""

    serials: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    record_types: tuple[str, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    ppv_from_mm_s: float | None = None
    decided: bool = False
    above: tuple[str, ...] = ()
    judge: str = "both"
    false_triggers: bool | None = None
    events: tuple[str, ...] = ()
    sites: AtSites = EVERYWHERE
    received: Received = WHENEVER

    def selection(self, archive: Archive, *, newest_first: bool = False, limit: int | None = None) -> Selection:
        """The selection meant, to be asked about: that no event passes is an answer.

        Raises EventNotFound for an event that is named and not there, UsageError for a name that several events share.
        """
        from sfm_archive.archive.asked_events import AskedEvents
        from sfm_archive.archive.deriving import is_in_memory
        from sfm_archive.model.events import RecordType

        asked = AskedEvents(
            serials=self.serials,
            since=self.since,
            until=self.until,
            record_types=tuple(RecordType(RECORD_TYPES[word]) for word in self.record_types),
            texts=self.texts,
            ppv_from_mm_s=self.ppv_from_mm_s,
            decided=self.decided,
            above=self.above,
            judge=self.judge,
            false_triggers=self.false_triggers,
            events=self.events,
            jobs=self.sites.jobs,
            points=self.sites.points,
            unplaced=self.sites.unplaced,
            received_since=self.received.since,
            unreviewed=self.received.unreviewed,
        )
        tell_unread_lines(self.above)
        chosen = asked.selection(archive, newest_first=newest_first, limit=limit)
        hints = {"of_limits": "; --decided leaves the undecided ones out", "of_level": "; --decided leaves them out"}
        for sentence in asked.told(archive, chosen, **hints):
            tell(sentence)
        if is_in_memory(archive.store):
            rebuild = command_line("sfm", "rebuild", archive.path)
            tell(f"what lists read was made by other rules and was computed anew for this answer; {rebuild} keeps it")
        return chosen

    def to_work_on(self, archive: Archive) -> Selection:
        """The selection meant, to be worked on. Raises EventNotFound also where filters were given and no event passes
        them: a slip in a filter must not look like work done."""
        chosen = self.selection(archive)
        if self != Filters() and not archive.count(chosen):
            listing = command_line("sfm", "list", archive.path)
            raise EventNotFound(f"{archive.path}: no event passes the filters; {listing} shows what there is")
        return chosen


def archive_to_read(command: Command) -> Command:
    """ARCHIVE and --wait, as `access`."""
    return _access(command, changes=False)


def archive_to_look_back(command: Command) -> Command:
    """ARCHIVE, --wait and --as-of, as `access`."""
    return click.option(
        "--as-of",
        metavar="HEAD|SEQUENCE|DATE|MARK",
        help="Tell what was in the archive behind that change: by its hash, or the first eight digits of that, its "
        "number, the last one of a day in UTC (2026-05-31), or the name that sfm mark gave it.",
    )(_access(command, changes=False))


def archive_to_change(command: Command) -> Command:
    """ARCHIVE, --wait and --actor, as `access`."""
    return _access(command, changes=True)


def wait_option(command: Command) -> Command:
    """--wait SECONDS, as `wait_s`."""
    return click.option(
        "--wait",
        "wait_s",
        type=seconds,
        default=f"{DEFAULT_WAIT_S:g}",  # as a text, which help shows without the ".0" of a number
        show_default=True,
        metavar="SECONDS",
        help="How long to wait while another program is writing.",
    )(command)


def actor_option(command: Command) -> Command:
    """--actor NAME, as `actor`."""
    return click.option(
        "--actor", metavar="NAME", help="Who makes the change, for the history.  [default: the login name]"
    )(command)


def archive_argument(command: Command, *, required: bool = True) -> Command:
    """ARCHIVE, as `archive`."""
    return click.argument(
        "archive", type=path_type(), required=required, metavar="ARCHIVE" if required else "[ARCHIVE]"
    )(command)


def _access(command: Command, *, changes: bool) -> Command:
    @wraps(command)
    def with_access(
        *args: Any, archive: Path, wait_s: float, actor: str | None = None, as_of: str | None = None, **rest: Any
    ) -> Any:
        return command(*args, access=Access(path=archive, wait_s=wait_s, actor=actor, as_of=as_of), **rest)

    decorated: Command = with_access
    if changes:
        decorated = actor_option(decorated)
    return archive_argument(wait_option(decorated))


def event_filters(command: Command) -> Command:
    """[EVENT]... and the filters --serial to --false-triggers, as `filters`."""

    @wraps(command)
    def with_filters(
        *args: Any,
        events: tuple[str, ...],
        serials: tuple[str, ...],
        since: datetime | None,
        until: datetime | None,
        record_types: tuple[str, ...],
        project: str | None,
        client: str | None,
        location: str | None,
        ppv_from: float | None,
        decided: bool,
        above: tuple[str, ...],
        judge: str,
        false_triggers: str | None,
        sites: AtSites,
        received: Received,
        **rest: Any,
    ) -> Any:
        from sfm_archive.model.selection import texts_of

        if decided and ppv_from is None and not above:
            raise click.UsageError("--decided is about a level; give it with --ppv-from or --above")
        if judge != "both" and not above and "curves" not in rest:
            raise click.UsageError("--judge is about limits; give it with --above")
        filters = Filters(
            serials=serials,
            since=since,
            until=until,
            record_types=record_types,
            texts=texts_of(project=project or "", client=client or "", location=location or ""),
            ppv_from_mm_s=ppv_from,
            decided=decided,
            above=above,
            judge=judge,
            false_triggers=None if false_triggers is None else false_triggers == "only",
            events=events,
            sites=sites,
            received=received,
        )
        return command(*args, filters=filters, **rest)

    decorated = judge_option(with_filters)
    for add in (
        click.option(
            "--false-triggers",
            type=click.Choice(["only", "without"]),
            help="Only events marked as false triggers, or all others (sfm review).",
        ),
        click.option(
            "--decided", is_flag=True, help="With --ppv-from and --above: leave out events of which it is undecided."
        ),
        click.option(
            "--above",
            multiple=True,
            metavar="LIMIT",
            help="Only events that are, or may be, above one of these limits: usbm, osmre, din, bs, a curve's name, a "
            "velocity such as 12mm/s, a file with your own, or point: of each event those of its point (sfm point "
            "limits). May be given again.",
        ),
        click.option(
            "--ppv-from",
            type=velocity,
            metavar="VELOCITY",
            help="Only events with a peak particle velocity that is, or may be, at least that, with its unit: 0.5in/s "
            "or 12mm/s. Those of which it is not known are `undecided`.",
        ),
        *(
            click.option(
                f"--{quantity}",
                type=words,
                metavar="WORDS",
                help=f"Only events whose {quantity} holds these words, in any case and without accents.",
            )
            for quantity in ("location", "client", "project")
        ),
        click.option(
            "--type",
            "record_types",
            multiple=True,
            type=click.Choice(list(RECORD_TYPES)),
            help="Only events of this type. May be given again.",
        ),
    ):
        decorated = add(decorated)
    decorated = window_of_units(site_filters(received_filters(decorated)))
    return click.argument("events", nargs=-1, metavar="[EVENT]...", shell_complete=complete_events)(decorated)


def window_of_units(command: Command) -> Command:
    """--serial, --since and --until, as `serials`, `since` and `until`."""
    for add in (
        click.option(
            "--until",
            type=until_moment,
            metavar="WHEN",
            help="Only what was recorded up to then, that day, month or second included.",
        ),
        click.option(
            "--since",
            type=since_moment,
            metavar="WHEN",
            help="Only what was recorded from then on, by events that began before it too: 2026, 2026-05, "
            "2026-05-01 or '2026-05-01 13:16', device-local.",
        ),
        click.option(
            "--serial",
            "serials",
            multiple=True,
            type=serial,
            metavar="SERIAL",
            shell_complete=complete_serials,
            help="Only this unit, such as BE11529. May be given again.",
        ),
    ):
        command = add(command)
    return command


def json_option(command: Command) -> Command:
    """--json, as `output`."""

    @wraps(command)
    def with_output(*args: Any, as_json: bool, **rest: Any) -> Any:
        return command(*args, output=OutputFormat.JSON if as_json else OutputFormat.TABLE, **rest)

    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document (docs/cli.md).")(with_output)


def json_and_csv_options(command: Command) -> Command:
    """--json, --csv and --spreadsheet, as `output` and `csv_form`."""

    @wraps(command)
    def with_output(*args: Any, as_csv: bool, spreadsheet: CsvForm | None, output: OutputFormat, **rest: Any) -> Any:
        from sfm_archive.formats.csv_text import PLAIN

        wanted = as_csv or spreadsheet is not None
        if wanted and output is OutputFormat.JSON:
            given = "--csv" if as_csv else "--spreadsheet"
            raise click.UsageError(f"--json and {given} exclude each other; give one of them")
        form = PLAIN if spreadsheet is None else spreadsheet
        return command(*args, output=OutputFormat.CSV if wanted else output, csv_form=form, **rest)

    with_csv = click.option(
        "--csv", "as_csv", is_flag=True, help="Print CSV with a header line, for programs: UTF-8, commas, points."
    )(spreadsheet_option(with_output))
    return json_option(with_csv)


def spreadsheet_option(command: Command) -> Command:
    """--spreadsheet [LANGUAGE], as `spreadsheet`: the form of CSV, None where it is not asked for."""
    return click.option(
        "--spreadsheet",
        type=spreadsheet_form,
        is_flag=False,
        flag_value=_OF_THE_SYSTEM,
        metavar="[LANGUAGE]",
        help="CSV as a spreadsheet opens it, for people: with the separator and decimal sign of a language (de, en, "
        "pt-BR, …; without one, this computer's), a mark that says UTF-8, and ' before texts that would be computed.",
    )(command)


_OF_THE_SYSTEM = "this computer's language"


def spreadsheet_form(text: str) -> CsvForm:
    """The CSV of a language's spreadsheets; a usage error, naming the known ones, for any other word."""
    from sfm_archive.formats import csv_text

    with _naming_the_option():
        if text != _OF_THE_SYSTEM:
            return csv_text.spreadsheet_form(text)
        from sfm_archive.base.system_locale import system_locale

        own = system_locale()
        if own.separator and own.decimal:
            return csv_text.CsvForm(own.separator, own.decimal, for_people=True)
        # A computer without a language speaks English.
        return csv_text.spreadsheet_form("en" if own.language.partition(".")[0] in ("", "C", "POSIX") else own.language)


def units_option(default: str) -> Callable[[Command], Command]:
    """--units UNIT, as `units`; `default`: what counts without it, in words."""
    return click.option(
        "--units",
        type=click.Choice(GEO_UNITS),
        help="Unit of all velocities; what a document printed in the other one is quoted behind it.  "
        f"[default: {default}]",
    )


def decoder_option(text: str) -> Callable[[Command], Command]:
    """--decoder NAME, as `decoder`, with its own help text."""
    return click.option("--decoder", type=encoder_name, metavar="NAME", shell_complete=complete_decoders, help=text)


def encoder_option(text: str) -> Callable[[Command], Command]:
    """--encoder NAME, as `encoder`, with its own help text."""
    return click.option("--encoder", type=encoder_name, metavar="NAME", shell_complete=complete_encoders, help=text)

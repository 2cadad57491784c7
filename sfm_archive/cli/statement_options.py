"""What commands that keep a statement share: who says so and why, and what it changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from sfm_archive.cli.options import json_option
from sfm_archive.cli.output import OutputFormat, counted, emit_json, tell

if TYPE_CHECKING:
    from sfm_archive.cli.opening import Access
    from sfm_archive.sites.stating import StatementMade

Command = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Who says something and why, and whether it is only tried."""

    by: str
    reason: str
    dry_run: bool

    def parts(self) -> dict[str, Any]:
        """As arguments of an operation."""
        return {"by": self.by, "reason": self.reason, "dry_run": self.dry_run}


def statement_options(*, reason_needed: bool = False) -> Callable[[Command], Command]:
    """--by, --reason, --dry-run and --json, as `said` and `output`."""

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_said(*args: Any, by: str, reason: str, dry_run: bool, **rest: Any) -> Any:
            return command(*args, said=Said(by=by, reason=reason, dry_run=dry_run), **rest)

        decorated: Command = json_option(with_said)
        decorated = click.option("--dry-run", is_flag=True, help="Keep nothing; say what it would change.")(decorated)
        decorated = click.option(
            "--reason", default="", required=reason_needed, metavar="TEXT", help="Why, or how it is known."
        )(decorated)
        return click.option("--by", default="", metavar="NAME", help="Who says so.  [default: the login name]")(
            decorated
        )

    return decorate


def tell_statement(access: Access, made: StatementMade, output: OutputFormat) -> None:
    """Print what a statement changed."""
    if output is OutputFormat.JSON:
        emit_json({"archive": str(access.path), "statement": made})
        return
    if not made.new:
        tell(f"{made.number}: {made.what}: was said before; nothing changed")
        return
    done = "withdrawn" if made.withdrawn else "kept"
    would = f"would be {done}" if made.dry_run else done
    became = "would become" if made.dry_run else "became"
    about = f"; {counted(made.events, 'event')} meant, what lists say of {made.changed:,} {became} other"
    tell(f"{made.number}: {made.what}: {would}{about if made.events else ''}")
    for note in made.notes:
        tell(note)

"""Errors as a user meets them: one sentence on standard error, and the exit code that belongs to it."""

from __future__ import annotations

import errno
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from sfm_archive.base.texts import without_middle
from sfm_archive.cli.output import silence, tell
from sfm_archive.errors import ExitCode, SfmError

_ENDLESS = re.compile(r"\S{501,}")

_IN_STEPS = frozenset({"import", "export", "export-data", "analyse", "reencode"})
"""Commands that keep what they did, batch by batch or file by file."""

_IN_ONE_PIECE = frozenset({"report", "plot", "backup", "compact"})
"""Commands that write one file, when all of it is there."""


@contextmanager
def sentences_for_errors() -> Iterator[None]:
    """Turn errors raised on purpose, errors of the system and Ctrl-C into a sentence and an exit code.

    Anything else is a fault of this program and keeps its traceback, so that it can be reported.
    """
    try:
        yield
    except SfmError as error:
        tell(f"Error: {one_line(str(error))}")
        raise click.exceptions.Exit(error.exit_code) from error
    except BrokenPipeError as error:
        # The reader has seen enough (`sfm list … | head`).
        silence(sys.stdout)
        raise click.exceptions.Exit(ExitCode.OK) from error
    except OSError as error:
        tell(f"Error: {sentence_of(error)}")
        raise click.exceptions.Exit(ExitCode.NOT_USABLE) from error
    except click.ClickException as error:
        vars(error)["message"] = readable(error.message)
        try:
            error.show()  # with the usage of the command
        except OSError:  # nobody can hear it, and that makes no other exit code of it
            silence(sys.stderr)
        raise click.exceptions.Exit(error.exit_code) from error
    except KeyboardInterrupt as error:
        context = click.get_current_context(silent=True)
        tell(f"\n{interrupted(None if context is None else context.invoked_subcommand)}")
        raise click.exceptions.Exit(ExitCode.INTERRUPTED) from error


def stop_by_ctrl_break() -> None:
    """Let Ctrl-Break of a Windows console stop a command as Ctrl-C does; by itself it ends Python on the spot."""
    if sys.platform == "win32" and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGBREAK, signal.default_int_handler)


def interrupted(command: str | None) -> str:
    """What an interrupted command leaves, and the next step."""
    if command in _IN_STEPS:
        return "Interrupted; what was finished before is kept. Run the same command again to go on"
    if command in _IN_ONE_PIECE:
        return "Interrupted; nothing was written. Run the same command again from the start"
    if command == "verify":
        return "Interrupted; run it again with --resume to go on there (not with --quick)"
    return "Interrupted; run the same command again"


def one_line(message: str) -> str:
    """The message without line breaks and control characters; names from files may hold some."""
    return readable("".join(sign if sign.isprintable() else " " for sign in " ".join(message.split())))


def readable(message: str) -> str:
    """The message without the middle of words, and of messages, that nobody reads: an option's text may be a whole
    file. A path has up to 255 signs in each of its parts."""
    words = _ENDLESS.sub(lambda word: without_middle(word.group(), 300, 200), message)
    return without_middle(words, 1500, 700)


def sentence_of(error: OSError) -> str:
    """What the system refused, where, and the next step."""
    place = "" if error.filename is None else f"{error.filename}: "
    reason = error.strerror or type(error).__name__
    steps = {
        errno.ENOSPC: "free some space and try again",
        errno.EACCES: "check the permissions",
        errno.EPERM: "check the permissions",
        errno.EROFS: "it lies on a read-only medium; copy it to a place you may write to",
        errno.ENOENT: "check the path",
    }
    step = steps.get(error.errno or 0, "check the path, the disk and the connection to it")
    return one_line(f"{place}{reason}; {step}")

"""`sfm completion`: the script that lets a shell complete `sfm`, and the shells' side of the conversation.

Zsh and fish use click's own scripts. Bash and PowerShell have their own here: bash breaks words at `@`, which every
encoder's name has, and PowerShell's paths have backslashes, which click's splitting would take for escapes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from sfm_archive.cli.output import emit_exactly, tell

PLACES = {
    "bash": "put it into ~/.local/share/bash-completion/completions/sfm, or this line into ~/.bashrc:\n"
    '  eval "$(sfm completion bash)"',
    "zsh": 'put this line into ~/.zshrc, behind compinit:\n  eval "$(sfm completion zsh)"',
    "fish": "put it into ~/.config/fish/completions/sfm.fish:\n"
    "  sfm completion fish > ~/.config/fish/completions/sfm.fish",
    "powershell": "put this line into the file that $PROFILE names:\n"
    "  sfm completion powershell | Out-String | Invoke-Expression",
}

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n'
    local answer type value
    COMPREPLY=()
    while IFS=',' read -r type value; do
        if [[ $type == dir ]]; then
            compopt -o dirnames 2>/dev/null
        elif [[ $type == file ]]; then
            compopt -o default 2>/dev/null
        elif [[ $type == plain ]]; then
            COMPREPLY+=("$value")
        fi
    done < <(COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_BREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null || complete -F %(complete_func)s %(prog_name)s
"""

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $start = $commandAst.Extent.StartOffset
    $words = @(
        foreach ($element in $commandAst.CommandElements) {
            if (($element.Extent.StartOffset - $start) -ge $cursorPosition) { break }
            if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $element.Value }
            else { $element.Extent.Text }
        }
    )
    if ($wordToComplete -and $words.Count -gt 1) { $words = $words[0..($words.Count - 2)] }
    $before = $env:%(complete_var)s, $env:COMP_WORDS, $env:COMP_CWORD
    try {
        $env:%(complete_var)s = 'powershell_complete'
        $env:COMP_WORDS = $words -join "`n"
        $env:COMP_CWORD = $wordToComplete
        $answers = @(& %(prog_name)s 2>$null)
    } finally {
        $env:%(complete_var)s, $env:COMP_WORDS, $env:COMP_CWORD = $before
    }
    # Where nothing comes back, PowerShell completes the names of files itself.
    foreach ($answer in $answers) {
        $type, $value, $tip = $answer -split "`t", 3
        if ($type -eq 'plain') {
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $tip)
        }
    }
}
"""


class BashWithBreaks(BashComplete):
    """Bash, which wants only the part of a word behind its last break character replaced."""

    source_template: ClassVar[str] = _BASH

    def source(self) -> str:
        """The script; click's own would start a bash first to ask for its version."""
        return ShellComplete.source(self)

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor, split as a shell does, and the unfinished one."""
        line = os.environ.get("COMP_WORDS", "")
        words = split_arg_string(line)
        incomplete = words.pop() if words and line[-1:].strip() else ""
        breaks = [incomplete.rfind(sign) for sign in os.environ.get("COMP_BREAKS", "") if sign in "@:"]
        # Behind `=` click itself goes on with the value alone.
        self._kept = max(breaks, default=-1) + 1 - (incomplete.find("=") + 1 if incomplete.startswith("-") else 0)
        return words[1:], incomplete

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """One line: type and what to put in place of the part behind the last break."""
        value = str(item.value)
        return f"{item.type},{value[max(0, self._kept) :] if item.type == 'plain' else value}"


class PowerShellComplete(ShellComplete):
    """PowerShell 5.1 and later. Words come one a line, so that blanks and backslashes in paths stay as they are."""

    name: ClassVar[str] = "powershell"
    source_template: ClassVar[str] = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor and the unfinished one; PowerShell hands over an opened quote with it."""
        words = os.environ.get("COMP_WORDS", "").split("\n")
        return words[1:], os.environ.get("COMP_CWORD", "").strip("'\"")

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """One line: type, value and explanation, which PowerShell wants not to be empty."""
        explanation = " ".join((item.help or str(item.value)).split())
        return f"{item.type}\t{item.value}\t{explanation}"


def register_shells() -> None:
    """Make click use the two classes above."""
    add_completion_class(BashWithBreaks, "bash")
    add_completion_class(PowerShellComplete)


@contextmanager
def answer_quietly() -> Iterator[None]:
    """A shell that asks gets an answer or none, never a traceback in the middle of its prompt."""
    try:
        yield
    except Exception:  # noqa: BLE001 - see above
        sys.exit(0)


@click.command("completion")
@click.argument("shell", type=click.Choice(list(PLACES)))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete sfm.

    It completes commands, options, event ids and names, serials and encoders. Where to put the script is printed
    on standard error.

    \b
    Example:
      eval "$(sfm completion bash)"
    """
    register_shells()
    found = get_completion_class(shell)
    root = ctx.find_root()
    if found is None:
        raise click.UsageError(f"this click knows no completion for {shell}; update click")
    script = found(root.command, {}, "sfm", "_SFM_COMPLETE").source()
    emit_exactly(script.rstrip("\n"))
    tell(f"To use it, {PLACES[shell]}")

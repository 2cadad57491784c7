"""What encoders make of an event's frames, held against the event file that was received beside them."""

from __future__ import annotations

from collections.abc import Sequence

from sfm_archive.archive.results import PreparedEncoding
from sfm_archive.archive.saving import run_encoder
from sfm_archive.formats.blastware.layout import common_prefix
from sfm_archive.importing.events import Pending
from sfm_archive.model.findings import Finding, Severity
from sfm_archive.plugins.registry import RegisteredEncoder


def compared(pending: Pending, made: PreparedEncoding, others: Sequence[RegisteredEncoder]) -> list[Finding]:
    """Nothing where the encoder makes the received file, or any file where none was received; else what is odd.

    `others`: further encoders in the order in which they are tried: one that makes the received file tells its history.
    """
    file = pending.event_file
    if made.file is None:
        kept = "" if file is None else f"; {file.path.name} is kept as received and exported so"
        reasons = "; ".join(finding.message for finding in made.findings if finding.severity != Severity.NOTE)
        findings = [Finding(code="not-encodable", message=f"{made.encoder} refuses these frames: {reasons}{kept}")]
    elif file is None or made.file.data == file.data:
        return []
    else:
        findings = [_difference(file.path.name, file.data, made.file.data, str(made.encoder))]
    return findings + _made_by_another(pending, others)


def _difference(name: str, received: bytes, made: bytes, made_by: str) -> Finding:
    offset = common_prefix(made, received)
    return Finding(
        code="differs-from-encoder",
        message=f"{name} has {len(received)} bytes, {made_by} makes {len(made)}; they first differ at "
        f"offset 0x{offset:X}. It is kept as received and exported so",
        start=offset,
        end=offset + 1,
    )


def _made_by_another(pending: Pending, others: Sequence[RegisteredEncoder]) -> list[Finding]:
    if pending.event_file is None or pending.stream is None:
        return []
    for other in others:
        made = run_encoder(pending.event, pending.stream, other).file
        if made is not None and made.data == pending.event_file.data:
            message = f"{pending.event_file.path.name} is what {other.name} makes of these frames"
            return [Finding(code="made-by", message=message, severity=Severity.NOTE)]
    return []

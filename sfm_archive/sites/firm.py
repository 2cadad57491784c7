"""Whose reports an archive's are, and how they are to look: stated once, changed, withdrawn, as other statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sfm_archive.archive import Archive
from sfm_archive.archive.preferences import ARCHIVE, preferences_of, that_counts_of_firm
from sfm_archive.base.shell_words import command_line
from sfm_archive.errors import BadInput, NotFound, UsageError
from sfm_archive.files.writing import write_file
from sfm_archive.formats.pictures import picture_form
from sfm_archive.model.preferences import KEYS, Preferred
from sfm_archive.model.statements import Firm
from sfm_archive.sites.attached import attached_bytes, attached_file
from sfm_archive.sites.preferences import checked_preferences
from sfm_archive.sites.stating import Attached, StatementMade, one_line, state, who, why, withdraw

LARGEST_LOGO: Final = 2 << 20
"""Bytes; one of a letterhead has some 100 kB."""

MOST_PIXELS: Final = 5000
"""To either side: more are seen on no paper, and take the memory of all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedFirm:
    """What an archive states of the firm, '' and () where it says nothing. `number`: of the statement. `name`,
    `address`, `signature`: of the firm, the last what stands below the line to sign; `logo`: name of its file;
    `logo_sha256`: of its bytes. `paper`: 'a4' or 'letter'; `language`: of reports; `units`: of velocities; `limits`,
    `airblast`: that events are held against. `decided_by`, `reason`: who says so and why."""

    number: int
    name: str
    address: tuple[str, ...]
    signature: str
    logo: str
    logo_sha256: str
    paper: str
    language: str
    units: str
    limits: tuple[str, ...]
    airblast: str
    decided_by: str
    reason: str


def state_firm(
    archive: Archive,
    *,
    name: str | None = None,
    address: Sequence[str] | None = None,
    signature: str | None = None,
    logo: str | Path | None = None,
    without_logo: bool = False,
    paper: str | None = None,
    language: str | None = None,
    units: str | None = None,
    limits: Sequence[str] | None = None,
    airblast: str | None = None,
    by: str = "",
    reason: str = "",
    dry_run: bool = False,
) -> StatementMade:
    """Say whose reports an archive's are. None leaves a part as it is, '' and () take it back. `address`: its lines;
    `logo`: a PNG or JPEG, which the archive keeps; the others as `Preferences` has them.

    The same again changes nothing; what says otherwise than the last statement needs a `reason`. Raises UsageError for
    what no output can be, NotFound, BadInput, StorageFailed for a logo, ReadOnlyArchive, Busy.
    """
    if logo is not None and without_logo:
        raise UsageError("give a logo or take it back, not both")
    attached = None if logo is None else read_logo(Path(logo))
    said: dict[str, Any] = {
        "name": None if name is None else one_line(name, "the name of the firm"),
        "address": None if address is None else "\n".join(filter(None, (one_line(one, "a line") for one in address))),
        "signature": None if signature is None else one_line(signature, "the signature"),
        "logo": "" if without_logo else None if attached is None else attached.name,
        "logo_sha256": b"" if without_logo else None if attached is None else bytes.fromhex(attached.sha256),
        "paper": paper,
        "language": language,
        "units": units,
        "limits": None if limits is None else " ".join("".join(word.split()) for word in limits),
        "airblast": None if airblast is None else " ".join(airblast.split()),
    }
    given = {key: value for key, value in said.items() if value is not None}
    if not given:
        raise UsageError("nothing is said; give a name, a logo or another part, or withdraw what is stated")

    def make(connection: Any) -> Firm:
        own = that_counts_of_firm(connection)
        row = (own or Firm(0, 0, "", "", "", "", b"", "", "", "", "", "", 0, "", ""))._replace(
            **given, decided_by=who(archive, by), reason=why(reason)
        )
        checked_preferences(preferences_of(row), "the firm's settings")
        if own is None and not any(row[2:-3]):
            raise NotFound(f"{archive.path} states nothing of a firm, so there is nothing to take back")
        if own is not None and row[2:-3] != own[2:-3] and not row.reason:
            raise UsageError(f"{own.told} is stated already (number {own.number}); say why it is other with --reason")
        return row

    return state(archive, make, attached=attached, dry_run=dry_run)


def withdraw_firm(archive: Archive, *, by: str = "", reason: str, dry_run: bool = False) -> StatementMade:
    """Take all of it back; the logo stays in the archive. Raises NotFound, UsageError for no reason."""
    with archive.store.reading() as connection:
        own = that_counts_of_firm(connection)
    if own is None:
        raise NotFound(f"{archive.path} states nothing of a firm, so there is nothing to withdraw")
    listing = command_line("sfm", "firm", archive.path)
    return withdraw(archive, Firm, own.number, listing=listing, by=by, reason=reason, dry_run=dry_run)


def stated_firm(archive: Archive) -> StatedFirm | None:
    """What an archive states; None where it states nothing."""
    with archive.store.reading() as connection:
        own = that_counts_of_firm(connection)
    if own is None:
        return None
    said: dict[str, Any] = {key: getattr(preferences_of(own), key) for key in KEYS}
    said |= {"logo_sha256": own.logo_sha256.hex(), "decided_by": own.decided_by, "reason": own.reason}
    return StatedFirm(number=own.number, **said)


def firm_logo(archive: Archive) -> bytes | None:
    """The logo that is stated, None without one. Raises Damaged where its bytes are not those that were kept."""
    with archive.store.reading() as connection:
        own = that_counts_of_firm(connection)
        if own is None or not own.logo_sha256:
            return None
        return attached_bytes(connection, own.logo_sha256, f"{archive.path}: logo {own.logo}")


def save_logo(archive: Archive, target: str | Path, *, overwrite: bool = False) -> bool:
    """Write the logo to a file; False where it stands there already. Raises NotFound where none is stated, Damaged,
    AlreadyExists, StorageFailed."""
    data = firm_logo(archive)
    if data is None:
        raise NotFound(f"{archive.path} states no logo; sfm firm says what it states")
    return write_file(Path(target), data, overwrite=overwrite)


def read_logo(path: Path) -> Attached:
    """A logo from a disk. Raises NotFound, StorageFailed, UsageError for one that is too large, BadInput for what is no
    picture."""
    attached = attached_file("logo", path, LARGEST_LOGO)
    try:
        form = picture_form(attached.data)
    except BadInput as error:
        raise BadInput(f"{path}: {error}; give a whole PNG or JPEG") from error
    if max(form.width, form.height) > MOST_PIXELS:
        raise UsageError(
            f"{path} has {form.width:,} × {form.height:,} pixels, and a logo has up to {MOST_PIXELS:,} to either side; "
            "make it smaller"
        )
    return attached


def preferred_logo(archive: Archive, found: Preferred) -> bytes | None:
    """The bytes of the logo that counts, None where nobody states one. Raises Damaged for one of the archive, NotFound,
    StorageFailed, UsageError, BadInput for one that a user's file names."""
    if not found.preferences.logo:
        return None
    if found.said_by["logo"] == ARCHIVE:
        return firm_logo(archive)
    return read_logo(Path(found.preferences.logo)).data

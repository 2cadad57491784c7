"""Who is looking: tokens with the names of people, sessions behind a cookie, and forms that are sent once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from sfm_archive.base.regular_files import read_file
from sfm_archive.errors import UsageError

COOKIE = "sfm-session"
_LEAST_TOKEN = 16
_SESSION_S = 12 * 3600
_MOST_SESSIONS = 1000
_MOST_FORMS = 200
"""Forms of one session that are open at once; the oldest ones are forgotten."""


def made_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(24)


def read_tokens(text: str, whence: str) -> dict[str, str]:
    """People's tokens by name, of lines `NAME: TOKEN`; a line that begins with # is none. Raises UsageError."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, token = (part.strip() for part in line.rpartition(":"))
        if not colon or not name or not token:
            raise UsageError(f"{whence}, line {number}: write a name, a colon and a token")
        if len(token) < _LEAST_TOKEN:
            raise UsageError(f"{whence}, line {number}: {name}'s token is short; give {_LEAST_TOKEN} signs or more")
        if name in found or token in found.values():
            raise UsageError(f"{whence}, line {number}: a name and a token stand there once each")
        found[name] = token
    if not found:
        raise UsageError(f"{whence}: no line with a name and a token")
    return found


def read_token_file(path: Path) -> dict[str, str]:
    """The same of a file. Raises UsageError, also for what is no regular file."""
    try:
        data = read_file(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}; name a file with lines NAME: TOKEN") from error
    return read_tokens(data.decode("utf-8", "replace"), str(path))


class Login:
    """Names by token, sessions by cookie, in memory alone: a restart ends them all. Without tokens everybody may look,
    and nobody has a name."""

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self._hashes = {name: hashlib.sha256(token.encode()).digest() for name, token in tokens.items()}
        self._sessions: dict[str, tuple[str, float]] = {}
        self._forms: dict[str, dict[str, None]] = {}
        self._lock = threading.Lock()

    @property
    def needed(self) -> bool:
        """Whether anybody has to log in."""
        return bool(self._hashes)

    def person(self, token: str) -> str | None:
        """Whose token it is. It takes as long whosever it is, or nobody's."""
        given, found = hashlib.sha256(token.encode("utf-8", "replace")).digest(), None
        for name, known in self._hashes.items():
            if hmac.compare_digest(known, given):
                found = name
        return found

    def begin(self, person: str) -> str:
        """The cookie of a new session."""
        session = secrets.token_urlsafe(32)
        with self._lock:
            now = time.monotonic()
            kept = {one: own for one, own in self._sessions.items() if own[1] > now}
            self._sessions = dict(list(kept.items())[1 - _MOST_SESSIONS :])
            self._sessions[session] = person, now + _SESSION_S
            self._forms = {one: forms for one, forms in self._forms.items() if one in self._sessions}
        return session

    def end(self, session: str) -> None:
        """Log out."""
        with self._lock:
            self._sessions.pop(session, None)
            self._forms.pop(session, None)

    def person_of(self, session: str) -> str | None:
        """Who a session is of; None where it has ended or never was."""
        with self._lock:
            name, until = self._sessions.get(session, (None, 0.0))
        return name if until > time.monotonic() else None

    def new_form(self, session: str) -> str:
        """A word for a form that this session gets; it is good once."""
        form = secrets.token_urlsafe(24)
        with self._lock:
            own = self._forms.setdefault(session, {})
            own[form] = None
            while len(own) > _MOST_FORMS:
                del own[next(iter(own))]
        return form

    def takes(self, session: str, form: str) -> bool:
        """Whether a form is one of this session's that was not sent yet; it is sent now."""
        with self._lock:
            own = self._forms.get(session, {})
            return own.pop(form, False) is None

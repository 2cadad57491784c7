"""Optional packages: what needs them says so in one sentence that ends with the command to install them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sfm_archive.errors import NotInstalled

_EXTRA_OF = {
    "numpy": "waveforms",
    "matplotlib": "plots",
    "h5py": "formats",
    "pyarrow": "formats",
    "pandas": "formats",
    "obspy": "obspy",
}


@contextmanager
def optional_packages(purpose: str) -> Iterator[None]:
    """Around an import that may fail. Raises NotInstalled naming the extra where one of its packages is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRA_OF:
            raise
        raise NotInstalled(
            f"{purpose} needs {package}, which is not installed: pip install 'sfm-archive[{_EXTRA_OF[package]}]'"
        ) from error

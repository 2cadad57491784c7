"""Optional packages: what needs them says so in one sentence that ends with the command to install them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from sfm_archive.base.shell_words import command_line
from sfm_archive.errors import NotInstalled

_EXTRA_OF = {
    "numpy": "waveforms",
    "matplotlib": "plots",
    "reportlab": "plots",
    "babel": "plots",
    "h5py": "formats",
    "pyarrow": "formats",
    "pandas": "formats",
    "obspy": "obspy",
    "starlette": "web",
    "uvicorn": "web",
    "jinja2": "web",
    "watchfiles": "watch",
}

_EXTRA_OF_FORMAT = {"parquet": "formats", "hdf5": "formats", "miniseed": "obspy", "stationxml": "obspy"}


def extra_of_format(exporter: str) -> str:
    """The extra with everything that an exporter needs; that of decoding for one that is not named here."""
    return _EXTRA_OF_FORMAT.get(exporter, "waveforms")


_NEEDED_BY = {
    "waveforms": ("numpy",),
    "plots": ("numpy", "matplotlib", "reportlab", "babel"),
    "formats": ("numpy",),
    "obspy": ("numpy",),
    "web": ("numpy", "matplotlib", "reportlab", "babel", "starlette", "uvicorn", "jinja2"),
    "watch": ("watchfiles",),
}
"""What everything of an extra needs; the packages of one format are asked for where it is written."""


def require_extra(purpose: str, extra: str) -> None:
    """Import what the extra always needs. Raises NotInstalled as `optional_packages` does."""
    with optional_packages(purpose, extra):
        for package in _NEEDED_BY[extra]:
            import_module(package)


@contextmanager
def optional_packages(purpose: str, extra: str = "") -> Iterator[None]:
    """Around an import that may fail. Raises NotInstalled where an optional package is missing, with the command that
    installs `extra`, which has everything for the purpose; without one, the extra that the package belongs to."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _EXTRA_OF:
            raise
        raise NotInstalled(
            f"{purpose} needs {package}, which is not installed: "
            f"pip install {command_line(f'sfm-archive[{extra or _EXTRA_OF[package]}]')}"
        ) from error

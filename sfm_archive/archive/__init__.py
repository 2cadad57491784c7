"""The open archive: open, read, find, save, encode, review. `Archive` is its class; the work is done in the modules
beside it."""

from sfm_archive.archive.archive import Archive

__all__ = ["Archive"]

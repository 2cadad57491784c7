"""The open archive: open, read, find, save, encode, review."""

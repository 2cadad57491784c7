"""The folder store that the archive replaces: its pickles and sidecars, read as plain data."""

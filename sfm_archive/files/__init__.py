"""Writing outside SQLite: a file under its final name is whole or not there."""

"""Writing outside SQLite: a file that somebody named is there whole or not at all."""

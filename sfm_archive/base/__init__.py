"""The ground that every room stands on: version, progress, texts, shell words, extras, processes."""

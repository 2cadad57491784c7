"""The link, the A5 frame, event memory and event files of a MiniMate Plus, and captures of its serial line."""

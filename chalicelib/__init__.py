"""Article Votes: count every vote exactly once."""

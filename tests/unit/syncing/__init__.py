"""Reading the feeds of publishers."""

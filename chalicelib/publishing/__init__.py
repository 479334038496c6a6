"""What publishers set up: sites, ballots, articles and keys."""

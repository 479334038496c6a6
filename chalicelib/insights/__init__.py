"""What editors read: histories, leaderboards and totals."""

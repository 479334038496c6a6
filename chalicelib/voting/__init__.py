"""What readers do: votes, voters and tallies."""

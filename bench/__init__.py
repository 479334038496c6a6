"""Speed, as ratios measured in one run. Nothing here is asserted by tests; `make bench` prints it."""

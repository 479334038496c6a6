"""Who becomes a new voter, and at what price: networks, budgets, challenges; where votes came from."""

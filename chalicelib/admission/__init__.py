"""Who becomes a new voter, and at what price: networks, budgets and challenges."""

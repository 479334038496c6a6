"""The command line for operators: sites, articles, recount, projection, seeding. See `python -m ops --help`."""

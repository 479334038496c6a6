"""The only rooms that talk to AWS: the table, its retries, and the secrets."""

"""Whether counts can be trusted: which votes of an article stand out, and why."""

"""Tools for routes. They know HTTP and no feature."""

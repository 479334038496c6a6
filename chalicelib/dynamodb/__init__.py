"""Tools for stores. They know DynamoDB and no feature."""

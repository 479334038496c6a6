"""The pure rules. Nothing here knows DynamoDB, HTTP, the clock or the environment."""

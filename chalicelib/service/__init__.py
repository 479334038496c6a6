"""The use cases, over a store protocol. They know the rules, not how anything is stored or sent."""

"""The API's routes, with models of what they take and answer; ``mounted`` has them all."""

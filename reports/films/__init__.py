"""Pictures of one film, and of what was found on it."""

"""Runs over many films: what is finished is kept, goes on, and is merged and written."""

"""Data sets and results -> what other tools open."""

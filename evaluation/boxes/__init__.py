"""Boxes against lesions: which finds which, and the figures of it."""

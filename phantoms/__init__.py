"""Drawn films in Mini-DDSM's own layout, with Mini-DDSM's own oddities."""

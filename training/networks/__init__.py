"""Networks, whichever they are: their bodies, their files, their calls."""

"""The four methods over films and data sets, their operating points and the embedded weights."""

"""The files that DDSM and Mini-DDSM are made of: tables, outlines, `.OVERLAY` and `.ics`."""

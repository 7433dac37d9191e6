"""The quality reports of conversions and imports: their pages, tables and figures."""

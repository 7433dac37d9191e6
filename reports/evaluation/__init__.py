"""The report of an evaluation: its page, tables and figures."""

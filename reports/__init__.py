"""Numbers to pages and pictures."""

"""JSON files: read and written whole, or read one item after another."""

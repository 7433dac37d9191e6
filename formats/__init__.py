"""What is in a file and how it is read and written, whole or not at all. Never torch."""

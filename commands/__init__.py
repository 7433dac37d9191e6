"""The command lines: parse, load, call, write."""

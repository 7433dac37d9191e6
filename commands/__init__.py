"""The command lines: parse, load, call, write."""

__version__ = "0.1.0"

"""Boxes, and films placed on a network's canvas: pixels there and back."""

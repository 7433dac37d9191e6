"""Data sets to COCO. NumPy, OpenCV and pandas; never torch."""

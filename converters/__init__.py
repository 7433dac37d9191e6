"""Mammogram files to records to COCO. NumPy, OpenCV and pandas; never torch."""

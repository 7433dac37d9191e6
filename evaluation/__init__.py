"""Results and COCO files to numbers. No torch, no drawing."""

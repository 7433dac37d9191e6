"""Reading COCO files of other people and their tools."""

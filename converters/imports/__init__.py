"""Other people's data sets to COCO: generic layouts of annotation tools, and public data sets."""

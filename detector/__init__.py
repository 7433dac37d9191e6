"""COCO to boxes: the Faster R-CNN that localises tumours."""

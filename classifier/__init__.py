"""Crops or whole images to labels: the EfficientNet that names what it sees."""

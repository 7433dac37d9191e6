"""Configurations that come with the project, by name: `--config detector_torchvision`."""

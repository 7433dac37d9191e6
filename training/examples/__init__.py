"""What a training learns from: its films, kept on disk, and their order."""

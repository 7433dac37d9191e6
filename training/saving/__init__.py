"""What a training leaves on disk: checkpoints, states, its folder."""

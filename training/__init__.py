"""What both networks share to be trained and stored: configuration, loop, schedule, checkpoints."""

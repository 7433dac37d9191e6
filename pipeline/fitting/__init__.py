"""What is fitted to a validation part once the networks are trained."""

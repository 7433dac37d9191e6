"""The baselines: whole films to Normal, Benign or Cancer."""

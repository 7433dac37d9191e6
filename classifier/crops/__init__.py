"""The second stage: a box on a film to Benign or Cancer."""

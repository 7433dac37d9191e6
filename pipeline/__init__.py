"""The two stages together, results files, evaluation and reports."""

"""From views to breasts and cases."""

"""What is said of whole views, breasts and patients, and how probable it is called."""

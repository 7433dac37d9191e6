"""What a conversion has to report about its data set."""

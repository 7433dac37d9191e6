"""The reading page: films in a browser, with what is found on them; and the same for programs."""

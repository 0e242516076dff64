"""Changes that may cure a training, and the search for the one that does. Each file has the suspects of one kind."""

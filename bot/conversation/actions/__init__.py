"""What a citizen can do besides answering: one file a command, with the questions it asks."""

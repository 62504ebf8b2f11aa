"""The tests, one folder a room of medtune."""

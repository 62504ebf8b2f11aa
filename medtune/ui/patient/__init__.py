"""The parts of the One patient page."""

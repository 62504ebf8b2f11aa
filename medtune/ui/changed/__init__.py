"""The parts of the What changed page."""

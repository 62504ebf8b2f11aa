"""Measurements of speed and quality, each a command of its own: `python -m benchmarks.NAME [--quick]`."""

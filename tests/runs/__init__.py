"""Runs, their store and their processes."""

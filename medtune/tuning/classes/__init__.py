"""Outcomes of three classes or more: the same updates, comparison and verdict with one linear predictor a class."""

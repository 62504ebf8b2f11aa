"""Comparison of treatment options: the average effect, who benefits more, and what the design allows one to say."""

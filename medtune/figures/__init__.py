"""Result object in, plotly figure out: one module for each kind of result, one look for all.

Import the module that is wanted, for example ``from medtune.figures.discrimination import roc``.
Every function takes records and a `Theme`, and `translate` for the words in it.
"""

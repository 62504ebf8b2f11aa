"""How good a set of risks is: discrimination, calibration, usefulness, each with its interval."""

"""medtune: fine-tune a clinical prediction model to local patients, and see honestly whether that helped."""

__version__ = "0.1.0"

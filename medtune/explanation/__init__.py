"""Why a model gives the risk it gives, in the user's own columns."""

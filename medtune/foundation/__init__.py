"""The few things every room needs: errors, sentences, estimates, settings."""

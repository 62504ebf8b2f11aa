"""What leaves the dashboard as a document of its own."""

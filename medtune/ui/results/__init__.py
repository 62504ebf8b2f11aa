"""The parts of the Results page, a file each; tabs of details are listed in `tabs`."""

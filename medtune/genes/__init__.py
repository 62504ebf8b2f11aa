"""What genes tell beside a model: which differ, how many of those by chance, and which are chosen again and again."""

"""What pages show of pictures: reading them, some of them, what a model looks at, and which are hard."""

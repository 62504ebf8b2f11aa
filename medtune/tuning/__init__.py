"""The core: the averaged update, the update ladder, honest comparison and the verdict."""

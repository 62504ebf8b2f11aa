"""What fine-tuning starts from and what it ends in: models with a passport, safe files, a library."""

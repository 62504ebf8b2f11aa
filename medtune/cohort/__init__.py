"""The patients' table: reading, column roles, quality findings, preparation, demo cohorts."""

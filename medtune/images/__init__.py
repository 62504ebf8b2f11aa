"""Pictures of patients turned into a cohort whose predictors are measured from the pictures."""

"""The paper's twelve claims as lessons: what each asks, the runs that answer it, and what they show."""

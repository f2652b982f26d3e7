"""The Learn page: the paper's twelve claims as lessons that a class performs itself."""

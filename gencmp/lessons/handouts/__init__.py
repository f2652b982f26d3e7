"""A lesson's result as a page to print."""

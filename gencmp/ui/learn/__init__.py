"""Experiments within the lessons: each module draws one, `show(key)`."""

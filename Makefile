# The chores of the project; the README's two commands are all that a user needs.
.PHONY: lint test screenshots serve

lint:
	ruff check .
	ruff format --check .
	mypy
	lint-imports

test:
	pytest

serve:
	streamlit run dashboard.py

screenshots:
	python tests/screenshots.py docs

# The chores of the project; the README's two commands are all that a user needs.
.PHONY: lint test test-processors screenshots serve audit

lint: node_modules
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	npm run --silent lint
	npm run --silent format
	npm run --silent types

node_modules: package-lock.json
	npm ci --no-audit --no-fund
	touch node_modules

test:
	pytest

# This processor plays others: what torch and its libraries may use of it, and how many threads. Pages look the same on all.
ELSEWHERE = $(shell find tests -name 'test_*.py' ! -name '*_browser.py')
test-processors:
	ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 MKL_ENABLE_INSTRUCTIONS=AVX2 pytest $(ELSEWHERE)
	ATEN_CPU_CAPABILITY=default pytest $(ELSEWHERE)
	OMP_NUM_THREADS=8 pytest $(ELSEWHERE)
	$(if $(shell command -v taskset),taskset -c 0 pytest $(ELSEWHERE))

serve:
	streamlit run dashboard.py

screenshots:
	python tests/screenshots.py docs

# Known vulnerabilities of what requirements.txt pins, as the Python Package Index publishes them; needs the internet
audit:
	pip install -q pip-audit==2.10.1
	pip-audit -r requirements.txt

# Every target makes the environment it needs; nothing but Python 3.11 is expected.

PYTEST = .venv/bin/python -m pytest
# Processes of a test run.
N ?= 2
# More arguments: make run UP="--port 8080", make test TESTS="leads -k pools".
UP ?=
TESTS ?=

.DEFAULT_GOAL := help
.PHONY: help run test test-services check format bench

help:
	@echo "make run            the product on http://127.0.0.1:8000 (PORT=), with demo data"
	@echo "make test           every test that can run here"
	@echo "make test-services  the tests on PostgreSQL and Redis"
	@echo "make check          formats, lint, layers, types, deployment, migrations, audit"
	@echo "make format         mends formats and what lint can mend"
	@echo "make bench          the benchmarks"

run:
	@scripts/environment.sh run
	@exec .venv/bin/python manage.py up $(UP)

# First without servers, then what needs PostgreSQL or Redis, where these are installed.
test:
	@scripts/environment.sh dev
	@DATABASE_URL= BROKER_URL= CACHE_URL= \
		$(PYTEST) -n $(N) -m "not postgresql and not redis" $(TESTS)
	@.venv/bin/python scripts/services.py --optional \
		$(PYTEST) -m "postgresql or redis" $(TESTS) || [ $$? -eq 5 ]

test-services:
	@scripts/environment.sh dev
	@exec env REQUIRE="$${REQUIRE:-postgresql,redis}" .venv/bin/python scripts/services.py \
		$(PYTEST) -n $(N) $(TESTS)

check:
	@scripts/environment.sh dev
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/lint-imports --no-logo
	@# Without its cache: the Django plugin misses reverse relations of models that it kept.
	@.venv/bin/mypy --cache-dir=/dev/null
	@DATABASE_URL= BROKER_URL= DEBUG=0 BASE_URL=https://desk.example.com TRUSTED_PROXIES=127.0.0.1 \
		SECRET_KEY="$$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		.venv/bin/python manage.py check --deploy --fail-level WARNING
	@DATABASE_URL= .venv/bin/python manage.py makemigrations --check --dry-run
	@.venv/bin/python scripts/audit.py requirements.txt requirements-dev.txt

format:
	@scripts/environment.sh dev
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

bench:
	@scripts/environment.sh dev
	@.venv/bin/python -m bench $(BENCH)

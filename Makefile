# Thin calls, so that `py bootstrap.py run` does the same on Windows. ARGS is handed on: make test ARGS="-k keys"
PYTHON ?= python3

.PHONY: run test quick check bench soak lock help

run test quick check bench soak lock help:
	@$(PYTHON) bootstrap.py $@ $(ARGS)

"""The benchmarks, measured side by side. `make bench`."""

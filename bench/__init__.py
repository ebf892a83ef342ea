"""The benchmarks, measured side by side. `make bench`, or `python -m bench PART`.

parts/      what is measured; rivals/: what the product is compared with
sizes.py    how much is measured; `--tiny`: next to nothing
data.py     the sample, and accounts of many messages
hub.py      a hub of the benchmarks, and its processes
worker.py   a worker that says what they want
load.py     asks as fast as answers come; ear.py: hears events
machine.py  what the machine is, and which core runs what
results.py  tables and charts; page.py, plots.py: docs/performance.md
"""

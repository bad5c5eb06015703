"""The benchmarks: `python -m bench [names] [--quick]`. What is measured and how: RESULTS.md."""

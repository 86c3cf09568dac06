"""What the workbench costs and how well it hears: ``python -m benchmarks`` writes ``RESULTS.md``."""

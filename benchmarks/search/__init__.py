"""What the benchmarks of the search share: sets and trainables, recorded learning curves, other libraries."""

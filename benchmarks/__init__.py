"""How long an epoch takes, and how long 98 % on MNIST: nnkit beside other libraries. `python -m benchmarks --help`."""

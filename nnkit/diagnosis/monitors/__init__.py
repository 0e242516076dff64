"""What can be seen of a training that goes wrong: symptoms. Each file has one, with its limit and why it is that."""

"""What watches a learner's code at work: spies, fake devices, clocks, logs, threads."""

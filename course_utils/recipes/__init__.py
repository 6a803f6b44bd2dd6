"""What an exercise's `observe` builds beside a learner's code, one room a kind.

Spies, fake devices, seeded modules, logs, threads, processes. Nothing here knows a right answer.

A case holds plain data only, so a model, a loader or a spy is made here from a few numbers.
"""

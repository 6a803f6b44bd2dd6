"""One small exercise for each odd kind that the course needs. They are tests, not shipped.

Each module has its exercise, right code, and wrong code by the mistake that it must be named as.
"""

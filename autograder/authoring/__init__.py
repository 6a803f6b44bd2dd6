"""Making notebooks from their masters, and proving that exercises are sound."""

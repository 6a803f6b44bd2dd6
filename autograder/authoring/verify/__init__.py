"""The proof that exercises tell right from wrong."""

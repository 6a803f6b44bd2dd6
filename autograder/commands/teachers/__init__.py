"""Commands of whoever teaches a class, from making it to its marks."""

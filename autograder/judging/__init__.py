"""The judge: observations become a verdict. It knows nothing of what is taught."""

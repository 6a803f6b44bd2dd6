"""Notebook 15: features of a trained net, new heads, fine-tuning."""

NOTEBOOK = "15_transfer"
ROOMS = ("questions", "hooks", "features", "head", "finetune", "pairs", "probe")

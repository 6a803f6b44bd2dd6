"""The notebooks' explorers, one module a notebook; `explorer` is what they are built on."""

"""Whether the process lives and whether the house is ready."""

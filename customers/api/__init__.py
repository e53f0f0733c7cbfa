"""The facts over HTTP: what is read, what is recorded, and who sees which part of it."""

"""The API root: who may call, how pages are cut, and what it composes from the apps."""

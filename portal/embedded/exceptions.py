"""What can stop an embedded service, in words for the person who started it."""


class CannotStart(Exception):
    """A service could not start; the message says which, why, and what to do."""

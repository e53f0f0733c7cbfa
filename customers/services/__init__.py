"""What can be done to facts. Functions are keyword-only, know nothing of requests, and never enqueue.

Each refuses bad input with a `ValidationError` whose sentence is for the person who gave it, and each may be called
twice: the second call changes nothing and says so in what it returns.
"""

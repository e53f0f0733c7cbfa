"""Who is on the line: the match as a page, and the pop that arrives in an open desk by itself."""

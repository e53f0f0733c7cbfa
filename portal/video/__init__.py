"""Calls by video: the customer's link, the host's door, and the passes that the video server asks for."""

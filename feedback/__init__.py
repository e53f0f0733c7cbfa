"""Asking and mending: invitations, answers and recoveries."""

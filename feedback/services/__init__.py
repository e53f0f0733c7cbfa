"""What can be done about feedback. Functions are keyword-only, know nothing of requests, and never enqueue."""

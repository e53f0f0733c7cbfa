"""What a colleague does in the middle of a conversation. Each is a POST, checked, and harmless when pressed twice."""

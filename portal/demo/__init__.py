"""The demo house: its people, orders and history."""

DEMO_PASSWORD = "welcome-to-regulars"

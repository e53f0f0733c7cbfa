"""The demo house: its people, orders and history."""

DEMO_PASSWORD = "welcome-to-regulars"  # noqa: S105 - printed to everybody who starts the demo

"""Questions to the database about tiers, answered with arrays, rows or sentences."""

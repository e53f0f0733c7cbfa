"""What comes back about letters from providers, and where the links of sample letters lead."""

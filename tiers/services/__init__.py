"""What is done with tiers: publishing the rules, and moving customers by them."""

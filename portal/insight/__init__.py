"""What we hear: rates with how sure they are, the answers behind them, and comments by their words."""

"""The demo city and the player of outside systems; they stand outside the product."""

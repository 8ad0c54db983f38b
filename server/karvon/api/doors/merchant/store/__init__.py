"""The public page of a shop, and orders placed there."""

"""A merchant's own products."""

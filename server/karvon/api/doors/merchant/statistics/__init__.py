"""A merchant's figures."""

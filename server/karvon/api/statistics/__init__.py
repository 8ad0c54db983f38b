"""Figures as v1 and the merchant door show them."""

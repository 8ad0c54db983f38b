"""Balances, statements, payouts and commission."""

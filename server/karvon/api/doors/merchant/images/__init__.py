"""Pictures for a merchant's products and logo."""

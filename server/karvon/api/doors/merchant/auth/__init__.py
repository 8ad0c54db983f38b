"""Opening a shop, logging in, a lost password."""

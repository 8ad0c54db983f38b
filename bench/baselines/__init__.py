"""What Karvon is measured against, on the same rows of the same database."""

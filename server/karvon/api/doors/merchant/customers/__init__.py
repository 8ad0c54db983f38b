"""Who bought from a merchant."""

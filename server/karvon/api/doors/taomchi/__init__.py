"""Food ordering: one brand with many branches, customers known by their phone number."""

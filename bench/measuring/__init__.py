"""Load with `wrk`, in rounds over Karvon and its baselines in turn; medians, ratios, and a page that keeps them."""

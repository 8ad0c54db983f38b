"""Product lists as every door understands them: filters, orders, pages."""

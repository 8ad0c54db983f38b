"""SKU marketplace: clients that sell variants and pay by Stripe."""

"""Storefront: clients with anonymous UUID carts that pay by Razorpay."""

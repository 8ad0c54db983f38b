"""Who may call what at the doors of existing clients: the rows of `test_rights.ANSWERS` for the other API documents."""

MARKET = """
200 200 200 200 200 200 200
    market_cart_add market_cart_retrieve market_categories_list
    market_products_list market_products_retrieve market_reviews_list
    merchant_login merchant_password_reset merchant_password_reset_confirm
    merchant_token_refresh
201 201 201 201 201 201 201
    merchant_register
401 201 201 403 409 403 201
    market_reviews_create
401 403 200 403 403 200 403
    merchant_customers merchant_statistics
401 403 200 200 403 200 200
    merchant_notifications
401 403 404 403 403 202 403
    merchant_notifications_create
401 403 403 403 403 403 200
    admin_audit_logs admin_statistics
401 403 403 403 403 403 202
    admin_notifications_create
404 404 404 404 200 404 404
    market_cart_clear
"""
STOREFRONT = """
"""

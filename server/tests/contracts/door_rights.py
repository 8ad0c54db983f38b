"""Who may call what at the doors of existing clients: the rows of `test_rights.ANSWERS` for the other API documents."""

MARKET = """
200 200 200 200 200 200 200
    food_branches_list food_branches_nearest food_cart_add food_health
    market_cart_add market_cart_retrieve market_categories_list
    market_products_list market_products_retrieve market_reviews_list
    merchant_login merchant_password_reset
    merchant_password_reset_confirm merchant_token_refresh
    sku_stripe_webhook sku_token_create sku_token_refresh store_page_retrieve
201 201 201 201 201 201 201
    merchant_register store_page_order
400 400 400 400 400 400 400
    food_code_verify
401 200 200 200 200 200 200
    food_me_retrieve food_me_update market_orders_list
401 201 201 403 409 403 201
    market_reviews_create
401 403 200 200 403 200 200
    merchant_notifications
401 403 200 200 403 200 403
    merchant_orders_list merchant_products_list
401 403 200 403 403 200 403
    merchant_customers merchant_me_kyc merchant_me_update merchant_payouts
    merchant_statistics
401 403 200 200 403 200 403
    merchant_me_retrieve
401 403 201 403 403 201 403
    merchant_upload_image
401 403 400 403 403 201 403
    merchant_products_create
401 403 403 403 403 403 200
    admin_audit_logs admin_statistics operator_merchants_activate
    operator_merchants_kyc operator_merchants_list
    operator_merchants_suspend
401 403 403 403 403 403 204
    operator_merchants_destroy
401 403 403 403 403 403 202
    admin_notifications_create
401 403 404 200 403 200 403
    merchant_orders_retrieve merchant_orders_status
    merchant_products_retrieve
401 403 404 403 403 200 403
    merchant_products_partial_update merchant_products_update
401 403 404 403 403 202 403
    merchant_notifications_create
401 403 404 403 403 204 403
    merchant_products_destroy
401 404 404 404 200 404 404
    food_orders_cancel market_orders_retrieve sku_checkout_session_create
404 404 404 404 200 404 404
    food_cart_item_remove food_cart_item_update market_cart_clear
404 404 404 404 201 404 404
    food_orders_create sku_checkout
503 503 503 503 503 503 503
    food_code_request food_telegram_login
"""
STOREFRONT = """
200 200 200 200 200 200 200
    store_carts_retrieve store_collections_list
    store_collections_retrieve store_images_list
    store_items_partial_update store_jwt_create store_jwt_refresh
    store_jwt_verify store_payments_webhook store_products_list store_products_retrieve
    store_reviews_list
201 201 201 201 201 201 201
    store_carts_create store_items_create store_users_create
204 204 204 204 204 204 204
    store_carts_destroy store_items_destroy
401 200 200 200 200 200 200
    store_customers_me_retrieve store_customers_me_update
    store_orders_list store_users_me_partial_update
    store_users_me_retrieve store_users_me_update
401 201 201 201 201 201 201
    store_orders_create
401 201 201 403 409 403 201
    store_reviews_create
401 404 404 404 200 404 404
    store_payments_verify
401 403 403 403 403 403 200
    store_collections_update store_customers_history
    store_customers_list store_orders_partial_update
    store_products_partial_update store_products_update
401 403 403 403 403 403 201
    store_collections_create store_images_create store_products_create
401 403 403 403 403 403 409
    store_collections_destroy
401 403 403 403 403 403 204
    store_products_destroy
401 404 404 404 200 404 200
    store_orders_retrieve store_payments_create_intent store_payments_status
"""

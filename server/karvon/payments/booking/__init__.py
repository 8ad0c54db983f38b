"""What is written when a provider has spoken. Each function joins the caller's transaction, or opens one; locks are taken in one
order: the sellers' trade, the order and its parts, its payments, then their attempts and refunds.
"""

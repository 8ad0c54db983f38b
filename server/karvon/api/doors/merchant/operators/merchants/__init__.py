"""Merchants as operators see them: suspension, KYC, removal."""

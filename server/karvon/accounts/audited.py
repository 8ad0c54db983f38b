"""What the audit log watches of people."""

from karvon.accounts.models import Address, LoginFailures, RefreshFamily, User
from karvon.audit.registry import exempt, record

record(
    User,
    ignores=("last_login", "updated_at"),
    shows=("is_email_verified", "is_phone_verified", "token_version"),
)
record(User.groups.through)
record(User.user_permissions.through)
record(Address)
record(RefreshFamily)

exempt(LoginFailures, "counted by the server, whoever it is that fails")

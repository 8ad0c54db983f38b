"""What the audit log watches of mails."""

from karvon.audit.registry import record
from karvon.notifications.models import Mail

record(Mail, ignores=("sending_since", "next_attempt_at"), masks=("subject",))

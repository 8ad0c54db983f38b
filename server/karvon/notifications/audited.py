"""What the audit log watches of notifications and mails."""

from karvon.audit.registry import exempt, record
from karvon.notifications.models import Delivery, Mail, Notification, Preference

record(Mail, ignores=("sending_since", "next_attempt_at"), masks=("subject",))
record(
    Notification,
    merchant="merchant",
    ignores=("cursor", "recipients", "next_attempt_at", "state", "sent_at"),
)
record(Preference)

exempt(Delivery, "handed out by the server; the notification is recorded")

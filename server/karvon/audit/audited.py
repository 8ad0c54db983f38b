"""The ground floor's tables and Django's own."""

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session

from karvon.audit.registry import exempt, record
from karvon.kernel.models import EventDelivery, Heartbeat, OutboxEvent, StoredAnswer

record(Group)
record(Group.permissions.through)
record(EventDelivery, ignores=("next_attempt_at",))

exempt(ContentType, "made by migrations")
exempt(Permission, "made by migrations")
exempt(Session, "a browser's login; who logged in when is on the account")
exempt(LogEntry, "the admin site's own history, beside what it tells of")
exempt(OutboxEvent, "written by services, in the transaction of what is recorded")
exempt(StoredAnswer, "answers kept for repeated requests")
exempt(Heartbeat, "signs of life of processes")

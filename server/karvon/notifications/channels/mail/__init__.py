"""Mail: queued like every other mail, and sent at the pace of the sweep that takes what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection

from karvon.kernel.languages import DEFAULT_LANGUAGE, LANGUAGES

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from karvon.accounts.models import User
    from karvon.notifications.models import Notification

# addresses that differ in case are one person's; the key of mails keeps a repeated batch from mailing twice
_QUEUE = """
INSERT INTO notifications_mail
    (event_id, kind, recipient, user_id, language, subject, text_body, html_body, state, attempts, rounds, error, next_attempt_at)
SELECT %s, 'announcement', person.email, person.id, %s, %s, %s, %s, 'queued', 0, 1, '', now()
  FROM notifications_delivery AS delivery JOIN accounts_user AS person ON person.id = delivery.user_id
 WHERE delivery.notification_id = %s AND delivery.channel = 'mail' AND delivery.user_id > %s AND delivery.user_id <= %s
   AND CASE WHEN person.language = ANY(%s) THEN person.language ELSE %s END = %s
 ORDER BY person.id
ON CONFLICT DO NOTHING
"""


class MailChannel:
    name = "mail"

    def reachable(self, people: QuerySet[User]) -> QuerySet[User]:
        return people.filter(email__contains="@")

    def hand_over(self, notification: Notification, *, after: int, to: int) -> None:
        # the renderer needs the kinds of mail, which are beside the notifications
        from karvon.notifications.models import MailKind
        from karvon.notifications.rendering import render_mail

        context = {
            "shop": settings.KARVON_SHOP_NAME,
            "title": notification.title,
            "paragraphs": [line for line in notification.body.splitlines() if line.strip()],
        }
        with connection.cursor() as cursor:
            for language in LANGUAGES:
                mail = render_mail(MailKind.ANNOUNCEMENT, language=language, context=context)
                values: list[Any] = [notification.uid, language, mail.subject, mail.text, mail.html]
                window = [notification.pk, after, to]
                cursor.execute(_QUEUE, [*values, *window, list(LANGUAGES), DEFAULT_LANGUAGE, language])

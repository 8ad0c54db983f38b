"""Every write of this room."""

from karvon.notifications.services.queueing import queue_mail, send_again
from karvon.notifications.services.sending import send_mail
from karvon.notifications.services.sweeping import give_up_lost_mails, purge_old_mails, take_due_mails
from karvon.notifications.services.writing import (
    mail_about_order,
    mail_about_part,
    mail_low_stock,
    mail_password_reset,
    people_in_charge,
)

__all__ = [
    "give_up_lost_mails",
    "mail_about_order",
    "mail_about_part",
    "mail_low_stock",
    "mail_password_reset",
    "people_in_charge",
    "purge_old_mails",
    "queue_mail",
    "send_again",
    "send_mail",
    "take_due_mails",
]

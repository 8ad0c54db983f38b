"""Every write of this room."""

from karvon.notifications.services.announcing import (
    announce,
    hand_out_batch,
    purge_old_notifications,
    send_notification,
    take_interrupted,
)
from karvon.notifications.services.attention_writing import (
    tell_operators_of_payment,
    tell_shop_to_give_back,
)
from karvon.notifications.services.inbox import mark_all_read, mark_read, set_preferences
from karvon.notifications.services.merchant_writing import (
    mail_invitation,
    mail_kyc_decision,
    mail_merchant_state,
)
from karvon.notifications.services.payment_writing import tell_sellers_of_late_money
from karvon.notifications.services.payout_writing import mail_bank_details, mail_payout
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
    "announce",
    "give_up_lost_mails",
    "hand_out_batch",
    "mail_about_order",
    "mail_about_part",
    "mail_bank_details",
    "mail_invitation",
    "mail_kyc_decision",
    "mail_low_stock",
    "mail_merchant_state",
    "mail_password_reset",
    "mail_payout",
    "mark_all_read",
    "mark_read",
    "people_in_charge",
    "purge_old_mails",
    "purge_old_notifications",
    "queue_mail",
    "send_again",
    "send_mail",
    "send_notification",
    "set_preferences",
    "take_due_mails",
    "take_interrupted",
    "tell_operators_of_payment",
    "tell_sellers_of_late_money",
    "tell_shop_to_give_back",
]

"""The ways of paying. A new one is a file beside these and its entry here; `docs/payments.md` goes through the steps."""

from karvon.payments.providers.click import Click
from karvon.payments.providers.offline import BankTransfer, CardOnDelivery, Cash
from karvon.payments.providers.payme import Payme
from karvon.payments.providers.paypal import PayPal
from karvon.payments.providers.razorpay import Razorpay
from karvon.payments.providers.stripe import Stripe
from karvon.payments.providers.uzum import Uzum
from karvon.payments.registry import register

for _provider in (Cash, CardOnDelivery, BankTransfer, Razorpay, Stripe, PayPal, Payme, Click, Uzum):
    register(_provider())

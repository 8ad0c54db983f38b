"""For which shop somebody acts: `X-Merchant` or `?merchant=` names it by id or username, else it is the first of theirs."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from karvon.accounts.authentication import get_caller
from karvon.merchants.models import Merchant
from karvon.merchants.selectors import choose_merchant

_MEANING = "For people of several shops: which one, by id or username. Their first one unless told."
# beside the other parameters of every operation under /api/merchant/
MERCHANT_PARAMETERS = [
    OpenApiParameter("X-Merchant", OpenApiTypes.STR, OpenApiParameter.HEADER, description=_MEANING),
    OpenApiParameter("merchant", OpenApiTypes.STR, description="The same as the header, which goes first."),
]


def acting_merchant(request: Request) -> Merchant:
    """The shop this request is about; what the caller may do there is for the services. One query.

    Raises AuthenticationRequired, MerchantNotFound (another's shop), NoMerchant (403: the caller has none).
    """
    named = request.headers.get("X-Merchant") or request.query_params.get("merchant") or ""
    return choose_merchant(get_caller(request), named.strip())

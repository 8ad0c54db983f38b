"""Every read of this room: a few queries each, along the indexes of the rolled-up tables."""

from karvon.analytics.selectors.customers import list_customers
from karvon.analytics.selectors.figures import DayFigures, Figures, Report, TopProduct
from karvon.analytics.selectors.merchant import MerchantStatistics, get_merchant_statistics
from karvon.analytics.selectors.platform import PlatformStatistics, TopMerchant, get_platform_statistics
from karvon.analytics.selectors.reports import get_day_report

__all__ = [
    "DayFigures",
    "Figures",
    "MerchantStatistics",
    "PlatformStatistics",
    "Report",
    "TopMerchant",
    "TopProduct",
    "get_day_report",
    "get_merchant_statistics",
    "get_platform_statistics",
    "list_customers",
]

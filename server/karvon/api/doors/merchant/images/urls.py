"""The address `/api/merchant/upload-image`."""

from django.urls import path

from karvon.api.doors.merchant.images.views import MerchantImageUploadView

urlpatterns = [path("upload-image/", MerchantImageUploadView.as_view())]

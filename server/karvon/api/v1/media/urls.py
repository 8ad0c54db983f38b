"""Pictures: the library, signed uploads, galleries of products."""

from django.urls import path

from karvon.api.v1.media.views.gallery import ProductImageListView, ProductImageOrderView, ProductImageView
from karvon.api.v1.media.views.library import ImageListView, ImageView
from karvon.api.v1.media.views.uploads import SignedUploadView, UploadCompleteView, UploadTicketView

urlpatterns = [
    path("images/", ImageListView.as_view()),
    path("images/upload-url/", UploadTicketView.as_view()),
    path("images/uploads/<str:upload>/", SignedUploadView.as_view(), name="signed-upload"),
    path("images/complete/", UploadCompleteView.as_view()),
    path("images/<int:image_id>/", ImageView.as_view()),
    path("products/<int:product_id>/images/", ProductImageListView.as_view()),
    path("products/<int:product_id>/images/reorder/", ProductImageOrderView.as_view()),
    path("products/<int:product_id>/images/<int:image_id>/", ProductImageView.as_view()),
]

from django.urls import URLPattern, path

from karvon.api.v1.catalog import products, views

urlpatterns: list[URLPattern] = [
    path("products/", products.ProductListView.as_view()),
    path("products/<str:key>/", products.ProductDetailView.as_view()),
    path("merchant/products/", products.OwnProductListView.as_view()),
    path("merchant/products/<int:product_id>/", products.OwnProductView.as_view()),
    path("categories/", views.CategoryListView.as_view()),
    path("categories/<str:key>/", views.CategoryView.as_view()),
    path("attributes/", views.AttributeListView.as_view()),
    path("attributes/<int:attribute_id>/", views.AttributeView.as_view()),
    path("tags/", views.TagListView.as_view()),
    path("collections/", views.CollectionListView.as_view()),
    path("collections/<str:key>/", views.CollectionView.as_view()),
    path("modifier-groups/", views.ModifierGroupListView.as_view()),
    path("modifier-groups/<int:group_id>/", views.ModifierGroupView.as_view()),
    path("favourites/", views.FavouriteListView.as_view()),
    path("favourites/<int:product_id>/", views.FavouriteView.as_view()),
    path("search/suggestions/", views.SuggestionView.as_view()),
]

from django.urls import URLPattern, path

from karvon.api.v1.catalog import (
    attributes,
    categories,
    collections,
    favourites,
    likes,
    modifier_groups,
    products,
    suggestions,
    tags,
)

urlpatterns: list[URLPattern] = [
    path("products/", products.ProductListView.as_view()),
    path("products/<str:key>/", products.ProductDetailView.as_view()),
    path("merchant/products/", products.OwnProductListView.as_view()),
    path("merchant/products/<int:product_id>/", products.OwnProductView.as_view()),
    path("categories/", categories.CategoryListView.as_view()),
    path("categories/<str:key>/", categories.CategoryView.as_view()),
    path("attributes/", attributes.AttributeListView.as_view()),
    path("attributes/<int:attribute_id>/", attributes.AttributeView.as_view()),
    path("tags/", tags.TagListView.as_view()),
    path("tags/<str:slug>/", tags.TagView.as_view()),
    path("tags/<str:slug>/objects/", tags.TaggedListView.as_view()),
    path("tags/<str:kind>/<int:object_id>/", tags.ObjectTagsView.as_view()),
    path("likes/", likes.LikeListView.as_view()),
    path("likes/<str:kind>/<int:object_id>/", likes.LikeView.as_view()),
    path("collections/", collections.CollectionListView.as_view()),
    path("collections/<str:key>/", collections.CollectionView.as_view()),
    path("modifier-groups/", modifier_groups.ModifierGroupListView.as_view()),
    path("modifier-groups/<int:group_id>/", modifier_groups.ModifierGroupView.as_view()),
    path("favourites/", favourites.FavouriteListView.as_view()),
    path("favourites/<int:product_id>/", favourites.FavouriteView.as_view()),
    path("search/suggestions/", suggestions.SuggestionView.as_view()),
]

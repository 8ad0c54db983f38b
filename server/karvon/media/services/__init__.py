"""Every write of this room."""

from karvon.media.services.assets import delete_asset, purge_unused_assets, set_alt, store_image
from karvon.media.services.renditions import list_overdue_assets, make_renditions
from karvon.media.services.uploads import (
    UploadTicket,
    begin_upload,
    complete_upload,
    purge_uploads,
    receive_upload,
)

__all__ = [
    "UploadTicket",
    "begin_upload",
    "complete_upload",
    "delete_asset",
    "list_overdue_assets",
    "make_renditions",
    "purge_unused_assets",
    "purge_uploads",
    "receive_upload",
    "set_alt",
    "store_image",
]

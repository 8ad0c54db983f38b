"""What the audit log watches of pictures."""

from karvon.audit.registry import exempt, record
from karvon.media.models import Asset, Rendition

record(Asset, shows=("sha256", "source_sha256"))

exempt(Rendition, "made from the picture by the server")

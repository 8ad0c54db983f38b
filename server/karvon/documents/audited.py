"""What the audit log watches of documents."""

from karvon.audit.registry import exempt
from karvon.documents.models import Document, NumberSeries

exempt(Document, "written by the server on the order's news; the database refuses every change of it")
exempt(NumberSeries, "follows the documents")

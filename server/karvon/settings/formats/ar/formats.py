"""Times as short as a table needs them; all else is Django's for this language."""

DATETIME_FORMAT = "j M Y, H:i"
SHORT_DATETIME_FORMAT = DATETIME_FORMAT
DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"

"""What colleagues are written, in words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """What a letter to a colleague says: its subject, and the same as text and as HTML."""

    subject: str
    text: str
    html: str

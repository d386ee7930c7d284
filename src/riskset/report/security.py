"""What a browser may do with a page."""

from __future__ import annotations

import base64
import hashlib


def content_policy(style: str) -> str:
    """What a browser may do with the page: show it with its own style sheet, and nothing else, above all no network."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"

"""What a browser may do with a page."""

from __future__ import annotations

import base64
import hashlib


def content_policy(style: str, script: str = "") -> str:
    """What a browser may do with the page: its own style sheet and script, and nothing else, above all no network.

    Parameters
    ----------
    script : the one that the page has, if any; another is not run
    """
    runs = f" script-src '{_digest(script)}';" if script else ""
    return f"default-src 'none'; style-src '{_digest(style)}';{runs} base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    """What a policy knows a style sheet or a script by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"

"""The site of the documentation opens from a folder, without a server or a network."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_search_works_in_a_folder() -> None:
    """The plugin inlines the index; its frame in the place of a worker is ours, or it would come from the network."""
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert re.search(r"^plugins:\n  - search\n  - offline\b", settings, re.MULTILINE)
    assert "use_directory_urls: false" in settings
    shims = re.findall(r"^    - (\S+\.js)\b", settings, re.MULTILINE)
    assert [name for name in shims if "iframe-worker" in name]  # what the plugin looks for
    for name in shims:
        assert not re.search(r"https?:|//unpkg", (ROOT / "docs" / name).read_text(encoding="utf-8"))
    assert not re.search(r"https?://(?!\S*github)", settings)

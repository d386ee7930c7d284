"""A ZIP file that is the same bytes for the same contents: without the time of day and the system that wrote it."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The time of every member, the first that ZIP knows."""

_UNIX = 3


def timeless(archive: bytes) -> bytes:
    """The same members in the same order, each of one time."""
    made = BytesIO()
    with ZipFile(BytesIO(archive)) as source, ZipFile(made, "w") as target:
        for name in source.namelist():
            member = ZipInfo(name, EARLIEST)
            member.compress_type, member.create_system = ZIP_DEFLATED, _UNIX
            target.writestr(member, source.read(name))
    return made.getvalue()

"""What is given to a public function in the place of something else: refused in a sentence before anything is done."""

from __future__ import annotations

from pathlib import Path

from riskset.errors import SpecError


def path_given(given: object, where: str, remedy: str) -> Path:
    """A path from what was given as one.

    Parameters
    ----------
    given : a text or a `Path`
    where, remedy : which argument it is, and what would be right

    Raises
    ------
    SpecError
        It is neither, or a name that no file can have.
    """
    refuse_other(given, (str, Path), where, "this is no path", remedy)
    if "\0" in str(given):
        raise SpecError("no file can have this name", where=where, remedy=remedy)
    return Path(given)  # type: ignore[arg-type]


def refuse_other(given: object, kinds: type | tuple[type, ...], where: str, what: str, remedy: str) -> None:
    """Raise SpecError unless what was given is of one of these kinds; the message names the kind that it is of."""
    if not isinstance(given, kinds):
        raise SpecError(f"{what} ({type(given).__name__})", where=where, remedy=remedy)


def refuse_no_flags(**given: object) -> None:
    """Raise SpecError where one of these arguments is neither True nor False."""
    for name, flag in given.items():
        if type(flag).__name__ not in ("bool", "bool_"):  # of Python, or of NumPy
            what = f"this is neither True nor False ({type(flag).__name__})"
            raise SpecError(what, where=name, remedy=f"write {name}=True or {name}=False")


def refuse_no_function(given: object, where: str) -> None:
    """Raise SpecError where what is to be told what begins cannot be called."""
    if not callable(given):
        what = f"this cannot be called ({type(given).__name__})"
        raise SpecError(what, where=where, remedy="give a function of a text, as print, or leave it out")

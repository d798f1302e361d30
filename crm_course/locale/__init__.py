"""The words that figures and reports show, in the reader's language.

Catalogues lie beside this file as ``<lang>/LC_MESSAGES/crm_course.mo``; English needs none.
"""

from __future__ import annotations

import gettext
from pathlib import Path

from crm_course.errors import WrongCall

_FOLDER = Path(__file__).parent
_current: gettext.NullTranslations = gettext.NullTranslations()


def languages() -> list[str]:
    """List the languages that can be asked for."""
    return ["en", *sorted(path.parent.parent.name for path in _FOLDER.glob("*/LC_MESSAGES/crm_course.mo"))]


def use_language(lang: str) -> None:
    """Switch figures and reports to a language.

    Raises
    ------
    WrongCall
        If there is no catalogue for it.
    """
    global _current  # noqa: PLW0603 - one language a process, as in gettext itself
    if lang not in languages():
        raise WrongCall(f"lang {lang!r}: there is no catalogue; choose one of {', '.join(languages())}")
    _current = gettext.translation("crm_course", _FOLDER, [lang], fallback=lang == "en")


def _(message: str) -> str:
    """Give a message in the current language; values are put in afterwards with ``.format``."""
    return _current.gettext(message)

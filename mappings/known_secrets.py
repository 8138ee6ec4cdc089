"""Finding known keys in a text, as quickly for six thousand of them as for two.

A process that keeps thousands of pairs knows as many keys, and everything that leaves
it is looked through: so of many no key is looked for by itself. Each place of the text
is asked whether any key begins with the few signs that stand there; nearly none does.
Of a few keys one pattern is quicker still.
"""

import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote

SHORTEST = 6
"""Characters of a key that is looked for inside of texts; a word is no key."""
FEW = 16
"""Forms of keys that one pattern looks for."""


class Known:
    """The keys of this process; what is added is found from then on."""

    def __init__(self) -> None:
        self._whole: set[str] = set()
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._beginning: dict[str, dict[int, set[str]]] = {}

    def __contains__(self, text: str) -> bool:
        return text in self._whole

    def add(self, secret: str) -> None:
        """Look for a key from now on, also as an address, a page or JSON holds it."""
        if secret in self._whole:
            return
        forms = (quote(secret, safe=""), html.escape(secret), json.dumps(secret)[1:-1])
        for form in {secret, *forms} if len(secret) >= SHORTEST else ():
            plain = _lower(form)
            by_length = self._beginning.setdefault(plain[:SHORTEST], {})
            by_length[len(plain)] = by_length.get(len(plain), set()) | {plain}
            self._forms.add(form)
        self._pattern = _one_of(self._forms) if len(self._forms) <= FEW else None
        self._whole.add(secret)

    def without(self, text: str, instead: str) -> str:
        """Return a text with ``instead`` in the place of each key, in any case."""
        if self._pattern is not None:
            return self._pattern.sub(instead, text)
        places = list(self._places(_lower(text)))
        if not places:
            return text
        parts, done = [], 0
        for begin, end in places:
            parts += [text[done:begin], instead]
            done = end
        return "".join([*parts, text[done:]])

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where keys are, the longest one of each place."""
        known, last = self._beginning, len(text) - SHORTEST + 1
        if not known:
            return
        done = 0
        for at in [at for at in range(last) if text[at : at + SHORTEST] in known]:
            if at < done:
                continue
            by_length = known[text[at : at + SHORTEST]]
            for length in sorted(by_length, reverse=True):
                if text[at : at + length] in by_length[length]:
                    done = at + length
                    yield at, done
                    break


def _one_of(forms: set[str]) -> re.Pattern[str] | None:
    """Return what finds any of these, the longest first."""
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    pattern = "|".join(map(re.escape, longest_first))
    return re.compile(pattern, re.IGNORECASE) if pattern else None


def _lower(text: str) -> str:
    """Return a text in small letters, as long as it was."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(
            sign.lower() if len(sign.lower()) == 1 else sign for sign in text
        )
    return lower if lower.isascii() else lower.replace("\u017f", "s")

"""How text is cleaned and compared (semantics 2 and 3): one place for leads and configuration."""

import re
import unicodedata

#: Dropped wherever they stand: C0 and C1 controls that are not white space.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
#: Stripped at both ends: white space and what shows nothing there (byte order mark, zero
#: width space and joiners, soft hyphen, marks of direction). Inside a text these stay:
#: joiners are part of emoji and of Persian spelling.
_INVISIBLE_ENDS = (
    " \u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c"
    "\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d"
    "\u206e\u206f\u2800\u3164\ufe00\ufe0e\ufe0f\ufeff\uffa0\ufff9\ufffa\ufffb"
)
#: Letters that Unicode does not decompose into a base letter and a mark.
_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)


def clean_text(text: str) -> str:
    """`text` in NFKC, stripped, inner white space folded, control characters dropped.

    A lone surrogate, which no encoding can carry, becomes U+FFFD. Cleaning twice changes
    nothing."""
    if not text.isascii():
        text = _CONTROLS.sub("", _SURROGATES.sub("\ufffd", text))
        text = " ".join(unicodedata.normalize("NFKC", text).split())
        return text.strip(_INVISIBLE_ENDS)
    if not text.isprintable():
        text = _CONTROLS.sub("", text)
    return " ".join(text.split())


def fold(text: str) -> str:
    """`text` without case and diacritics, "&" as "and"; punctuation and spaces are kept.

    Marks that make another letter stay: those of Indic scripts and of kana (combining class
    below 10)."""
    text = text.casefold().replace("&", " and ")
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in decomposed if unicodedata.combining(char) < 10)
    return unicodedata.normalize("NFC", bare).casefold().translate(_UNDECOMPOSED)


def letters(text: str) -> str:
    """Only the folded letters and digits of `text`: the key under which names of places meet;
    "" for signs alone ("&" is no "and" there)."""
    if text.isascii() and not any(char.isalnum() for char in text):
        return ""
    return "".join(char for char in fold(text) if char.isalnum())

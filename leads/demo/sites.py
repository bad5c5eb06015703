"""Places that the demo's leads come from, with their postal codes and phone numbers."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Site:
    """A city. `postal` and `dial` are patterns: # is any digit, @ any capital letter."""

    country: str
    state: str
    city: str
    postal: str
    dial: str
    weight: int
    utc_offset: int


SITES = (
    Site("DE", "", "Berlin", "10###", "+49 30 #######", 6, 1),
    Site("DE", "", "Stuttgart", "70###", "0711 ######", 5, 1),
    Site("DE", "", "Munich", "80###", "+49 89 #######", 6, 1),
    Site("DE", "", "Hamburg", "20###", "+49 40 #######", 5, 1),
    Site("DE", "", "Cologne", "50###", "0221 #######", 4, 1),
    Site("AT", "", "Vienna", "10#0", "+43 1 #######", 3, 1),
    Site("CH", "", "Zürich", "80##", "+41 44 ### ## ##", 3, 1),
    Site("NL", "", "Rotterdam", "30## @@", "+31 10 #######", 4, 1),
    Site("BE", "", "Antwerp", "20##", "+32 3 ### ## ##", 2, 1),
    Site("LU", "", "Luxembourg", "10##", "+352 ######", 1, 1),
    Site("GB", "", "London", "SW1# #@@", "+44 20 #### ####", 6, 0),
    Site("GB", "", "London", "EC2@ #@@", "020 7### ####", 4, 0),
    Site("GB", "", "Leeds", "LS1 #@@", "+44 113 ### ####", 4, 0),
    Site("IE", "", "Cork", "T12 @#@#", "+353 21 #######", 2, 0),
    Site("SE", "", "Gothenburg", "41# ##", "+46 31 ### ## ##", 3, 1),
    Site("NO", "", "Oslo", "01##", "+47 22 ## ## ##", 2, 1),
    Site("DK", "", "Aarhus", "80##", "+45 86 ## ## ##", 2, 1),
    Site("FI", "", "Tampere", "33###", "+358 3 #######", 1, 2),
    Site("FR", "", "Paris", "750##", "+33 1 ## ## ## ##", 5, 1),
    Site("FR", "", "Lyon", "690##", "04 72 ## ## ##", 4, 1),
    Site("ES", "", "Madrid", "280##", "+34 91 ### ## ##", 4, 1),
    Site("PT", "", "Porto", "4000-###", "+351 22 ### ####", 2, 0),
    Site("IT", "", "Milan", "201##", "+39 02 #######", 4, 1),
    Site("PL", "", "Wrocław", "50-###", "+48 71 ### ## ##", 2, 1),
    Site("CZ", "", "Brno", "602 00", "+420 5## ### ###", 1, 1),
    Site("ZA", "", "Durban", "40##", "+27 31 ### ####", 1, 2),
    Site("AE", "", "Dubai", "", "+971 4 ### ####", 1, 4),
    Site("US", "NY", "New York", "100##", "+1 212 555 01##", 6, -5),
    Site("US", "Massachusetts", "Boston", "021##", "(617) 555-01##", 4, -5),
    Site("US", "PA", "Philadelphia", "191##", "+1 215 555 01##", 3, -5),
    Site("US", "Florida", "Miami", "331##", "305-555-01##", 3, -5),
    Site("US", "GA", "Atlanta", "303##", "+1 404 555 01##", 3, -5),
    Site("US", "Illinois", "Chicago", "606##", "(312) 555-01##", 5, -6),
    Site("US", "TX", "Houston", "770##", "+1 713 555 01##", 6, -6),
    Site("US", "OH", "Cleveland", "441##", "216.555.01##", 3, -5),
    Site("US", "MN", "Minneapolis", "554##", "+1 612 555 01##", 2, -6),
    Site("US", "CA", "San Francisco", "941##", "+1 415 555 01##", 5, -8),
    Site("US", "California", "San Diego", "921##", "(619) 555-01##", 4, -8),
    Site("US", "WA", "Seattle", "981##", "+1 206 555 01##", 3, -8),
    Site("US", "Colorado", "Denver", "802##", "+1 303 555 01##", 2, -7),
    Site("CA", "QC", "Montréal", "H2@ #@#", "+1 514 555 01##", 3, -5),
    Site("CA", "Ontario", "Toronto", "M5@ #@#", "+1 416 555 01##", 4, -5),
    Site("MX", "", "Monterrey", "64###", "+52 81 #### ####", 3, -6),
    Site("BR", "SP", "São Paulo", "01###-###", "+55 11 #### ####", 4, -3),
    Site("AR", "", "Buenos Aires", "C10##@@@", "+54 11 #### ####", 1, -3),
    Site("CL", "", "Santiago", "832####", "+56 2 2### ####", 1, -4),
    Site("CO", "", "Bogotá", "11####", "+57 601 ### ####", 1, -5),
    Site("JP", "", "Osaka", "530-00##", "+81 6 #### ####", 2, 9),
    Site("SG", "", "Singapore", "04####", "+65 6### ####", 2, 8),
    Site("AU", "", "Perth", "60##", "+61 8 #### ####", 1, 8),
    Site("IN", "", "Pune", "4110##", "+91 20 #### ####", 2, 5),
)
_CONSONANTS = "ABCEGHJKLMNPRSTVXY"


def _filled(random: Random, pattern: str) -> str:
    made = []
    for sign in pattern:
        if sign == "#":
            made.append(str(random.randrange(10)))
        else:
            made.append(random.choice(_CONSONANTS) if sign == "@" else sign)
    return "".join(made)


def postal_code(random: Random, site: Site) -> str:
    """A postal code of the place, with or without its space."""
    code = _filled(random, site.postal)
    return code.replace(" ", "") if random.random() < 0.2 else code


def phone(random: Random, site: Site) -> str:
    """A phone number as people there write it."""
    return _filled(random, site.dial)


def dirty_phone(random: Random) -> str:
    """What stands in the field of those who want no call."""
    return random.choice(("n/a", "please mail", "1234", "-", "x"))

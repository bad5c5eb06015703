"""Word lists of the demo. None is the name of anybody."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COMPANY_STARTS = _words(
    """
    Aldermoor Bellhaven Brackwater Brindle Calloway Cedarline Corvane Dunmere Eastvale
    Elmbridge Fairholt Fenwick Foxglove Glenrow Graystone Halvard Harrowgate Hollin Ivoryton
    Jasperline Kelmscot Kingsmere Larkfield Linden Lockhurst Marlow Meridane Millbrook
    Norvane Oakhurst Orlane Pellmore Pinewell Quillon Ravensworth Redfern Rosemont Saltmarsh
    Sandvik-Rowe Silverlake Stonebrook Tamarind Thornbury Tidewell Umberline Vandermeer
    Verdane Westerby Whitcombe Wickham Winterbourne Wolvesey Yarrow Zellweg Ardenne Montrose
    Castellane Norrland Valdoria Serrano Alvarado Quintero Baltasar Lumiere
    """
)
#: (word, industry)
COMPANY_TRADES = (
    ("Chemicals", "Chemicals"), ("Pharma", "Pharmaceuticals"), ("Waterworks", "Utilities"),
    ("Energy", "Energy"), ("Foods", "Food and beverage"), ("Dairy", "Food and beverage"),
    ("Paper", "Pulp and paper"), ("Steel", "Metals"), ("Polymers", "Chemicals"),
    ("Biotech", "Pharmaceuticals"), ("Mining", "Mining"), ("Refining", "Energy"),
    ("Semiconductors", "Electronics"), ("Glass", "Materials"), ("Marine", "Transport"),
    ("Aviation", "Transport"), ("Laboratories", "Research"), ("Environmental", "Services"),
    ("Breweries", "Food and beverage"), ("Cement", "Materials"),
)  # fmt: skip  # fmt: skip
LEGAL_FORMS = {
    "DE": "GmbH", "AT": "GmbH", "CH": "AG", "NL": "B.V.", "BE": "N.V.", "GB": "Ltd", "IE": "Ltd",
    "SE": "AB", "NO": "AS", "DK": "A/S", "FI": "Oy", "FR": "SAS", "ES": "S.A.", "PT": "Lda",
    "IT": "S.p.A.", "US": "Inc.", "CA": "Inc.", "MX": "S.A. de C.V.", "BR": "Ltda.",
    "AR": "S.A.", "CL": "S.p.A.", "CO": "S.A.S.", "PL": "Sp. z o.o.",
}  # fmt: skip  # fmt: skip
FIRST_NAMES = _words(
    """
    Adele Amir Anton Beatriz Bram Carla Chidi Daniela Dario Edda Emeka Esther Farid Felix
    Freya Gabriel Giulia Hanna Henrik Ida Imani Ivan Jana Joaquin Jorge Kaja Karim Lars
    Leila Lorenzo Lucia Magnus Maite Marek Mei Milo Nadia Noor Omar Oskar Petra Rafael Rosa
    Samuel Sanne Sofia Tariq Teresa Tomas Ulrike Valentina Viktor Wanda Yara Yusuf Zoe
    """
)
LAST_NAMES = _words(
    """
    Aalders Albrecht Andrade Baumann Bergqvist Bianchi Borges Calder Castro Delacroix
    Dietrich Duarte Ekholm Eriksen Fischer Fontaine Fraser Galvez Gruber Haas Hendriks Holt
    Ibarra Jansen Kaplan Keller Kovac Lambert Larsen Lindgren Machado Marchetti Moreau
    Navarro Nilsen Novak Oduya Okonkwo Pacheco Perrin Quist Ramos Renner Rossi Salazar
    Schuster Silva Sorensen Tanaka Thorne Vasquez Vidal Wagner Weber Whitfield Ziegler
    """
)
TITLES = (
    "Plant Manager", "Head of Quality", "Process Engineer", "Laboratory Manager",
    "Purchasing Manager", "Maintenance Lead", "EHS Manager", "Director of Operations",
    "Instrumentation Engineer", "Chief Engineer",
)  # fmt: skip  # fmt: skip
PRODUCTS = ("Flow meters", "Gas analysers", "Data loggers", "Calibration")
FREE_MAIL = ("gmail.com", "outlook.com", "gmx.de", "yahoo.com", "orange.fr")
DISPOSABLE_MAIL = ("mailinator.com", "guerrillamail.com")
CAMPAIGNS = (
    "autumn-flow-guide", "gas-safety-webinar", "calibration-checklist", "achema-booth",
    "retargeting", "brand-search", "water-loss-study",
)  # fmt: skip  # fmt: skip

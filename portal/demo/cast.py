"""The customers whose stories are told first: real numbers of the set, with people invented for them by hand."""

from typing import Any

SEED = "regulars"

# A good customer who sent part of a large order back on the set's last day.
LET_DOWN = "15498"
# One of the ten largest, with an order on the last day.
HAPPY = "15311"
# Their first order is on the last day.
NEW = "12713"
# Two regulars who share one telephone.
SHARED = ("17049", "13599")

# The same two as LET_DOWN and HAPPY, who buy for their shops, when they shop for themselves.
LET_DOWN_AT_HOME, HAPPY_AT_HOME = "16531", "16103"
# Who arranges things for HAPPY.
ASSISTANT = "13509"
# Customer → for whom they buy, and the number of their private self.
FIRMS = {LET_DOWN: ("Okafor Gifts", LET_DOWN_AT_HOME), HAPPY: ("Llewellyn & Daughters", HAPPY_AT_HOME)}

# What is said of them in place of what chance would say; the names are those of people.Person's fields.
PEOPLE: dict[str, dict[str, Any]] = {
    LET_DOWN: {
        "given_name": "Adaeze",
        "family_name": "Okafor",
        "known_as": "Ms Okafor",
        "say_as": "ah-DAH-eh-zeh oh-KAH-for",
        "pronouns": "she/her",
        "city": "Edinburgh",
        "phones": ("+441314960142",),
        "emails": ("adaeze.okafor@okafor-gifts.example",),
        "consent_feedback": "yes",
    },
    HAPPY: {
        "given_name": "Rhodri",
        "family_name": "Llewellyn",
        "known_as": "Rhodri",
        "say_as": "ROD-ree hloo-EL-in",
        "pronouns": "he/him",
        "city": "Cardiff",
        "phones": ("+442920180377",),
        "emails": ("rhodri@llewellyn-and-daughters.example",),
        "consent_feedback": "yes",
    },
    NEW: {
        "given_name": "Wiebke",
        "family_name": "Förster",
        "known_as": "Frau Förster",
        "say_as": "VEEB-keh FUR-ster",
        "pronouns": "",
        "language": "de",
        "city": "Hamburg",
        "phones": ("+494066969218",),
        "emails": ("wiebke.foerster@example.org",),
        "consent_feedback": "yes",
    },
    SHARED[0]: {
        "given_name": "Morag",
        "family_name": "Urquhart",
        "known_as": "Morag",
        "say_as": "MOR-ag UR-kut",
        "pronouns": "she/her",
        "city": "Glasgow",
        "phones": ("+441414960611",),
        "emails": ("morag@example.net",),
        "consent_feedback": "yes",
    },
    SHARED[1]: {
        "given_name": "Ruaridh",
        "family_name": "Urquhart",
        "known_as": "Mr Urquhart",
        "say_as": "ROO-a-ree UR-kut",
        "pronouns": "he/him",
        "city": "Glasgow",
        "phones": ("+441414960611",),
        "emails": ("ruaridh.urquhart@example.com",),
        "consent_feedback": "",
    },
    ASSISTANT: {
        "given_name": "Cerys",
        "family_name": "Pugh",
        "known_as": "Cerys",
        "say_as": "KEH-riss PEW",
        "pronouns": "she/her",
        "city": "Cardiff",
        "phones": ("+442920180412",),
        "emails": ("cerys@llewellyn-and-daughters.example",),
        "consent_feedback": "yes",
    },
}
# At home they have the names of the shop, and numbers and addresses of their own; he has one telephone for everything.
_NAMES = ("given_name", "family_name", "known_as", "say_as", "pronouns", "city", "consent_feedback")
PEOPLE[LET_DOWN_AT_HOME] = {name: PEOPLE[LET_DOWN][name] for name in _NAMES} | {
    "phones": ("+447700900642",),
    "emails": ("adaeze@example.net",),
}
PEOPLE[HAPPY_AT_HOME] = {name: PEOPLE[HAPPY][name] for name in _NAMES} | {
    "phones": PEOPLE[HAPPY]["phones"],
    "emails": ("rhodri@example.net",),
}

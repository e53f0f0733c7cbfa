"""A light guess whether a sentence is about health or belief, so that somebody can be asked. Pure, without Django.

A short list of English words, matched by their beginnings: it knows little, says nothing of who wrote what, and stops
nobody. The person who writes says what it is.
"""

from customers.names import words

HEALTH, BELIEF = "health", "belief"
# Beginnings of words. A full stop at the end stands for a whole word.
_OF_HEALTH = (
    "allerg asthma autis blind. cancer. chemo coeliac. celiac. deaf. dement depress diabet diagnos disab dyslex epilep "
    "gluten. hearing. hospital. illness. insulin. intoleran lactose. medicat medicine. pregnan surgery. therap "
    "wheelchair. sick. hiv. adhd. stammer stutter"
)
_OF_BELIEF = (
    "atheis bapti bible. buddhis catholic. christian. church. eid. fasting. halal. hindu jewish. kosher. mosque. "
    "muslim. orthodox. passover. pray priest. protestant. quaker ramadan. religio sabbath. sikh synagogue. temple."
)
_BEGINNINGS = {HEALTH: _OF_HEALTH.split(), BELIEF: _OF_BELIEF.split()}


def looks_like(text: str) -> str:
    """Return `HEALTH` or `BELIEF` where a sentence looks like it, else nothing. The first that fits wins."""
    said = words(text)
    for kind, beginnings in _BEGINNINGS.items():
        for beginning in beginnings:
            whole = beginning.removesuffix(".")
            if any(word == whole or (whole == beginning and word.startswith(whole)) for word in said):
                return kind
    return ""

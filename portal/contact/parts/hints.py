"""What hints are made from; `portal.hints` makes them once the rest of the page is known."""

from portal.contact.parts.part import Part
from portal.hints import facts

HINT_FACTS = Part("hint_facts", facts.ask, facts.HintFacts.read)

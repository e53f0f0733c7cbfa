"""Who is here in two roles, who lives with whom, and who arranges things for whom."""

from customers.enums import Capacity, RelationKind
from customers.services.relationships import note_relationship
from customers.services.selves import link_selves
from portal.demo.cast import ASSISTANT, FIRMS, HAPPY, SHARED
from portal.demo.history.house import House


def write_selves(house: House) -> None:
    """Link the private selves of two who buy for a firm, and note a household and an assistant."""
    for number, (firm, at_home) in FIRMS.items():
        link_selves(
            customer=house.known[at_home].customer,
            other=house.known[number].customer,
            capacity=Capacity.FIRM,
            firm=firm,
            by=house.agents[0],
        )
    one, other = (house.known[number].customer for number in SHARED)
    note_relationship(
        customer=one,
        other=other,
        kind=RelationKind.HOUSEHOLD,
        may_act=True,
        source="Both said so: one line, one bill",
        noted_by=house.agents[0],
    )
    note_relationship(
        customer=house.known[ASSISTANT].customer,
        other=house.known[HAPPY].customer,
        kind=RelationKind.ASSISTANT,
        may_act=True,
        source="Rhodri said so in the shop",
        noted_by=house.agents[0],
    )

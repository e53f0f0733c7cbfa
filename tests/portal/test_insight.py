"""What we hear, as pages: who may look, what is masked, what is noted, what goes home as a file."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from customers.models import Gesture, Segment
from feedback.services.tones import note_tones
from portal import roles
from portal.models import Reading, User
from portal.roles import Role
from tests.chance import without_chance
from tests.factories import make_customer, make_email, make_order, make_user, signed_in
from tests.feedback.heard import hear, times
from tests.portal.worlds import give_tier, make_tiers

pytestmark = pytest.mark.django_db

PAGES = ["insight", "insight_answers", "insight_comments", "insight_replies"]
FILES = ["insight_rates_file", "insight_answers_file", "insight_replies_file"]
# Those that show answers one by one.
LISTS = ["insight_answers", "insight_comments"]
# Which roles each door lets in.
MATRIX = {
    **{name: {Role.LEAD, Role.MANAGER, Role.ANALYST, Role.ADMINISTRATOR} for name in PAGES},
    **{name: {Role.MANAGER, Role.ANALYST, Role.ADMINISTRATOR} for name in FILES},
}


def shown(client: Client, name: str, query: str = "") -> str:
    response = client.get(f"{reverse(name)}?{query}")
    assert response.status_code == 200
    return response.content.decode()


def table(client: Client, name: str, query: str = "") -> list[list[str]]:
    response = client.get(f"{reverse(name)}?{query}")
    assert response.status_code == 200
    assert response.streaming
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("role", Role.values)
def test_who_may_hear(role: str) -> None:
    client = signed_in(role)
    for name in PAGES + FILES:
        expected = 200 if role in MATRIX[name] else 403
        response = client.get(reverse(name))
        assert response.status_code == expected, name
        if expected == 200:
            assert "no-store" in response["Cache-Control"]


def test_nothing_is_written_here_and_strangers_sign_in_first(client: Client) -> None:
    manager = signed_in(Role.MANAGER)
    for name in PAGES + FILES:
        assert manager.post(reverse(name)).status_code == 405
        response = client.get(reverse(name))
        assert (response.status_code, response["Location"].split("?")[0]) == (302, reverse("account_login"))


def test_the_way_there_is_in_the_bar_for_those_who_may() -> None:
    link = f'href="{reverse("insight")}"'
    assert link in shown(signed_in(Role.LEAD), "desk")
    assert link not in shown(signed_in(Role.AGENT), "desk")
    assert 'aria-current="page">What we hear' in shown(signed_in(Role.LEAD), "insight")


def test_the_page_says_how_sure_it_is() -> None:
    hear(*times(yes=60, partly=20, no=20, silent=100))
    hear("yes", doubts=("too_soon",))
    html = shown(signed_in(Role.MANAGER), "insight")
    for words in ("60.0 %", "95 % interval", "100 answers to 201 letters", "One doubtful answer is left out", "49.8 %"):
        assert words in html
    assert "20.0 %" in html
    assert "Wilson" in html
    assert "<svg" in html


def test_with_nobody_heard_the_page_says_so() -> None:
    html = shown(signed_in(Role.MANAGER), "insight")
    assert "Nobody has answered about these contacts." in html
    hear(*times(yes=3))
    assert "3 answers to 3 letters: too few to say." in shown(signed_in(Role.MANAGER), "insight")


@pytest.mark.parametrize("many", [1, 3])
def test_ten_queries_for_the_rates(django_assert_num_queries: DjangoAssertNumQueries, many: int) -> None:
    make_tiers()
    for number in range(many):
        hear("yes", "no", place=f"place-{number}", agent=make_user(), doubts=())
        Segment.objects.create(slug=f"s{number}", name=f"S{number}", kind="behavioural")
    client = signed_in(Role.MANAGER)
    # Session, colleague, names of colleagues, tiers, touch points, segments, and four around the one that counts.
    with django_assert_num_queries(10):
        shown(client, "insight")


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize("name", ["insight_answers", "insight_comments"])
def test_ten_queries_for_answers(django_assert_num_queries: DjangoAssertNumQueries, name: str, many: int) -> None:
    for _ in range(many):
        hear("yes", comment="It was lovely", agent=make_user())
    note_tones()
    client = signed_in(Role.MANAGER)
    # The six names above, two for the answers, one for their replies, and the note of who was shown.
    with django_assert_num_queries(10):
        html = shown(client, name)
    assert html.count("It was lovely") == many


def test_a_lead_hears_of_their_own_team_by_name_and_of_all_together() -> None:
    lead = make_user(Role.LEAD)
    mine, other = make_user(lead=lead, display_name="Colleague Mine"), make_user(display_name="Colleague Other")
    hear(*times(yes=30), agent=mine)
    hear(*times(no=30), agent=other, comment="Not nice")
    client = Client()
    client.force_login(lead)
    for name in PAGES:
        html = shown(client, name)
        assert "Colleague Mine" in html, name
        assert "Colleague Other" not in html, name
    assert "60 of 60" in shown(client, "insight")
    assert "a colleague" in shown(client, "insight_answers")
    assert client.get(reverse("insight"), {"agent": other.pk}).status_code == 400
    assert client.get(reverse("insight_answers"), {"agent": other.pk}).status_code == 400
    manager = signed_in(Role.MANAGER)
    for name in PAGES:
        assert "Colleague Other" in shown(manager, name), name


def test_a_colleagues_raw_rate_stands_only_beside_the_one_to_compare() -> None:
    good, new = make_user(display_name="Colleague Good"), make_user(display_name="Colleague New")
    hear(*times(yes=160, no=40), agent=good)
    hear(*times(yes=20), agent=new)
    html = shown(signed_in(Role.MANAGER), "insight")
    section = html[html.index('id="by-agent"') :].split("</section>")[0]
    row = section[section.index("Colleague New</a>") :].split("</tr>")[0]
    assert row.index("<b>") < row.index("100 %")
    assert "To compare" in section
    assert "Weighted" not in section
    assert "<b>100 %</b>" not in row


def test_rows_lead_to_the_answers_behind_them() -> None:
    agent = make_user()
    customer = make_customer()
    segment = Segment.objects.create(slug="s", name="Cyclists", kind="behavioural")
    segment.members.create(customer=customer)
    tier = make_tiers()[1]
    give_tier(customer, tier)
    last_month = timezone.now() - timedelta(days=40)
    hear("yes", customer=customer, channel="chat", place="repair", agent=agent, comment="Wanted one", at=last_month)
    hear("yes", comment="Another")
    client = signed_in(Role.MANAGER)
    html = shown(client, "insight")
    links = [part.split('"')[0] for part in html.split(f'href="{reverse("insight_answers")}?')[1:]]
    month = timezone.localdate(last_month).replace(day=1).isoformat()
    for some in (
        f"tier={tier.pk}",
        "channel=chat",
        f"agent={agent.pk}",
        f"segment={segment.pk}",
        "touch_point=",
        f"since={month}",
    ):
        found = [link for link in links if some in link]
        assert found, some
        pages = [shown(client, "insight_answers", link.replace("&amp;", "&")) for link in found]
        assert any("Wanted one" in page and "Another" not in page for page in pages), some
    (none,) = [link for link in links if "tier=0" in link]
    page = shown(client, "insight_answers", none.replace("&amp;", "&"))
    assert "Another" in page
    assert "Wanted one" not in page


def test_answers_lead_to_their_customer_and_their_evidence() -> None:
    (answer,) = hear("no", comment="<b>Late</b>", doubts=("too_soon",))
    contact = reverse("contact", args=[answer.invitation.customer.public_id])
    evidence = reverse("admin:feedback_answer_change", args=[answer.pk])
    html = shown(signed_in(Role.MANAGER), "insight_answers")
    assert contact in html
    assert evidence in html
    assert "&lt;b&gt;Late" in html
    assert "Pressed within seconds" in html
    # A lead has no admin.
    html = shown(signed_in(Role.LEAD), "insight_answers")
    assert contact in html
    assert evidence not in html


def test_names_are_for_those_who_may_see_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    customer = make_customer(full_name="Customer Hidden")
    make_email(customer, "hidden@mail.example")
    make_order(customer, "7351.29")
    Gesture.objects.create(customer=customer, what="Flowers", cost="5151.53")
    hear("no", customer=customer, comment="Late")
    client = signed_in(Role.ANALYST)
    for name in LISTS:
        assert "Customer Hidden" in shown(client, name)
    assert set(Reading.objects.values_list("customer_id", "door")) == {(customer.pk, "insight")}
    assert Reading.objects.count() == 2
    monkeypatch.setitem(roles.PERMISSIONS, Role.ANALYST, roles.PERMISSIONS[Role.ANALYST] - {"customers.view_customer"})
    for name in LISTS:
        html = shown(client, name)
        assert "Late" in html
        assert "Customer Hidden" not in html
        assert str(customer.public_id) not in html
    rows = table(client, "insight_answers_file")
    assert "Late" in rows[1]
    assert not any("Customer Hidden" in cell for row in rows for cell in row)
    assert Reading.objects.count() == 2
    for html in (without_chance(shown(client, name)) for name in PAGES):
        assert not any(secret in html for secret in ("7351", "7,351", "5151", "hidden@mail.example"))


def test_pages_follow_each_other() -> None:
    hear(*times(yes=51), comment="Lovely")
    client = signed_in(Role.MANAGER)
    first = shown(client, "insight_comments", "q=lovely")
    assert first.count("<blockquote") == 50
    link = first.split('rel="next"')[0].rsplit('href="?', 1)[1].split('"')[0].replace("&amp;", "&")
    second = shown(client, "insight_comments", link)
    assert second.count("<blockquote") == 1
    assert 'rel="next"' not in second


def test_letters_are_looked_for_on_the_next_page_too() -> None:
    hear(*times(no=51), comment="وصل الطرد متأخرا", language="ar")
    client = signed_in(Role.MANAGER)
    first = shown(client, "insight_comments", "q=طرد")
    assert "these have the letters somewhere" in first
    assert 'lang="ar"' in first
    link = first.split('rel="next"')[0].rsplit('href="?', 1)[1].split('"')[0].replace("&amp;", "&")
    assert shown(client, "insight_comments", link).count("<blockquote") == 1


WRONG = [
    "since=rubbish",
    "since=0001-01-01",
    "until=9999-12-31",
    "since=2026-02-01&until=2026-01-01",
    "tier=999999",
    "tier=x",
    "channel=telepathy",
    "agent=-1",
    "segment=99999999999999999999",
    "touch_point=%00",
]
WRONG_SEARCHES = ["said=perhaps", "q=%00", "q=" + "x" * 201, "tone=angry"]


@pytest.mark.parametrize("name", PAGES + FILES)
def test_what_is_wrong_is_said(name: str) -> None:
    client = signed_in(Role.MANAGER)
    for query in WRONG + (WRONG_SEARCHES if name in ("insight_comments", "insight_answers_file") else []):
        response = client.get(f"{reverse(name)}?{query}")
        assert response.status_code == 400, query
        assert 'class="errorlist"' in response.content.decode()


def test_a_page_that_is_none_is_not_there() -> None:
    client = signed_in(Role.MANAGER)
    for after in ("x", ",", "2026-03-01", "2026-03-01T00:00:00+00:00,0", "0001-01-01T00:00:00+23:59,1"):
        assert client.get(reverse("insight_answers"), {"after": after}).status_code == 404, after


def test_the_file_of_answers_is_complete_defused_and_noted() -> None:
    names = ["=1+1", "@a", "Someone, with a comma", "Plain"]
    for name in names:
        hear("yes", customer=make_customer(full_name=name), comment="-1+cmd|' /C calc'!A0")
    hear("no", doubts=("too_soon",))
    client = signed_in(Role.ANALYST)
    response = client.get(reverse("insight_answers_file"))
    assert not Reading.objects.exists()
    assert "attachment" in response["Content-Disposition"]
    head, *rows = table(client, "insight_answers_file")
    assert head[1:5] == ["Answer", "Counted", "Doubts", "Comment"]
    assert [row[-1] for row in rows[1:]] == ["Plain", "Someone, with a comma", "'@a", "'=1+1"]
    assert rows[0][2:4] == ["no", "Pressed within seconds of the letter's arrival"]
    assert {row[4] for row in rows[1:]} == {"'-1+cmd|' /C calc'!A0"}
    assert Reading.objects.filter(door="export").count() == 5
    assert len(table(client, "insight_answers_file", "said=yes")) == 5
    assert len(table(client, "insight_answers_file", "q=calc&comments=1")) == 5
    assert len(table(client, "insight_answers_file", "q=nowhere&comments=1")) == 1


def test_the_file_says_of_a_comment_that_its_tone_is_unknown() -> None:
    hear("yes", comment="Sehr freundlich, danke.")
    hear("no")
    note_tones()
    head, *rows = table(signed_in(Role.ANALYST), "insight_answers_file")
    assert [dict(zip(head, row, strict=True))["Tone (a hint)"] for row in rows] == ["", "Tone unknown"]


def test_the_file_of_rates_says_what_the_page_says() -> None:
    agent = make_user(display_name="=Colleague")
    hear(*times(yes=30, no=10, silent=40), agent=agent)
    head, whole, *rows = table(signed_in(Role.ANALYST), "insight_rates_file")
    told = dict(zip(head, whole, strict=True))
    assert (told["Letters"], told["Answers"], told["Response"], told["As answered"]) == ("80", "40", "0.5000", "0.7500")
    assert told["As answered, low"] == "0.5981"
    of_agent = dict(zip(head, next(row for row in rows if row[1] == "'=Colleague"), strict=True))
    assert of_agent["Weighted"] == ""
    assert 0 < float(of_agent["To compare"]) < 1
    assert not Reading.objects.exists()


def test_nobody_is_offered_a_file_that_they_may_not_have() -> None:
    hear(*times(yes=20), comment="Lovely")
    manager, lead = signed_in(Role.MANAGER), signed_in(Role.LEAD)
    for name in PAGES:
        assert "Export as CSV" in shown(manager, name), name
        assert "Export as CSV" not in shown(lead, name), name


def test_tones_are_shown_as_a_guess_and_in_no_rate() -> None:
    hear(*times(no=20), comment="It was lovely")
    note_tones()
    client = signed_in(Role.MANAGER)
    html = shown(client, "insight_comments", "tone=pleased")
    assert "Sounds pleased, a program’s guess" in html
    assert "0 %" in shown(client, "insight")
    assert "pleased" not in shown(client, "insight")


def test_agents_have_no_way_around(client: Client) -> None:
    agent: User = make_user()
    client.force_login(agent)
    for name in PAGES + FILES:
        assert client.get(reverse(name), {"agent": agent.pk}).status_code == 403

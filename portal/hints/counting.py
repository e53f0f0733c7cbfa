"""What was learned of hints, counted again from what was shown and pressed."""

from django.db import connection, transaction

_FACTS = """
    SELECT shown.kind, shown.situation, count(*) AS shown,
           count(*) FILTER (WHERE stands.outcome = 'used') AS used,
           count(*) FILTER (WHERE stands.outcome = 'not_relevant') AS not_relevant,
           count(*) FILTER (WHERE stands.outcome = 'wrong') AS wrong
    FROM portal_hintshown AS shown LEFT JOIN (
        SELECT DISTINCT ON (shown_id) shown_id, outcome FROM portal_hintpress ORDER BY shown_id, id DESC
    ) AS stands ON stands.shown_id = shown.id
    GROUP BY shown.kind, shown.situation
"""
# Both ways: what is kept and not in the facts, and what is in the facts and not kept.
_DIFFERENCES = f"""
    WITH facts AS ({_FACTS}),
         kept AS (SELECT kind, situation, shown, used, not_relevant, wrong FROM portal_hintarm WHERE shown > 0)
    SELECT DISTINCT kind, situation FROM (
        (SELECT * FROM facts EXCEPT SELECT * FROM kept) UNION ALL (SELECT * FROM kept EXCEPT SELECT * FROM facts)
    ) AS differing ORDER BY kind, situation
"""  # noqa: S608 (words of ours)


@transaction.atomic
def rebuild_arms() -> list[tuple[str, str]]:
    """Count again, write what differs, and return it as (kind, situation).

    Pages that are read meanwhile wait for the table and are counted on top.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE portal_hintarm IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(_DIFFERENCES)
        differing: list[tuple[str, str]] = cursor.fetchall()
        if differing:
            cursor.execute("DELETE FROM portal_hintarm")
            cursor.execute(f"INSERT INTO portal_hintarm (kind, situation, shown, used, not_relevant, wrong) {_FACTS}")
    return differing

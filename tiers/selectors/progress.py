"""How far runs are."""

from django.db import connection, transaction

from tiers.enums import RunKind, RunState


def waiting_runs() -> list[int]:
    """Return the active runs that nobody works on: no shard of theirs is claimed, or all are done but not noted."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH open AS (
                SELECT shard.id, shard.run_id FROM tiers_shard AS shard JOIN tiers_run AS run ON run.id = shard.run_id
                WHERE shard.done_at IS NULL AND run.state = %s AND run.kind = %s
            ), free AS (
                SELECT id, run_id FROM tiers_shard WHERE id IN (SELECT id FROM open) AND done_at IS NULL
                FOR KEY SHARE SKIP LOCKED
            )
            SELECT run.id FROM tiers_run AS run
            WHERE run.state = %s AND run.kind = %s
              AND (SELECT count(*) FROM open WHERE run_id = run.id) = (SELECT count(*) FROM free WHERE run_id = run.id)
            """,
            [RunState.ACTIVE, RunKind.FULL] * 2,
        )
        return [row[0] for row in cursor.fetchall()]

"""What is published in versions: a draft is written, what was published never changes, one retires after another."""

import pgtrigger
from django.db import models
from django.db.models import F, Q


def times_fit_state(noun: str) -> models.CheckConstraint:
    """Return the constraint that the times of a version fit its state: draft, published or retired."""
    return models.CheckConstraint(
        condition=Q(state="draft", published_at=None, retired_at=None)
        | Q(state="published", published_at__isnull=False, retired_at=None)
        # Spelt out, because a comparison with NULL would pass.
        | Q(state="retired", published_at__isnull=False, retired_at__isnull=False, retired_at__gte=F("published_at")),
        name=f"{noun}_times_fit_state",
    )


def published_is_fixed(noun: str) -> pgtrigger.Trigger:
    """Return the trigger that refuses changes of what is no draft any more."""
    return pgtrigger.Trigger(
        name=f"{noun}_published_is_fixed",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        condition=pgtrigger.Condition("OLD.state <> 'draft'"),
        func=f"""
                    -- It may retire, and the colleague who published it may leave.
                    IF TG_OP = 'UPDATE'
                       AND to_jsonb(OLD) - '{{state,retired_at,published_by_id}}'::text[]
                           = to_jsonb(NEW) - '{{state,retired_at,published_by_id}}'::text[]
                       AND (NEW.published_by_id IS NULL OR NEW.published_by_id = OLD.published_by_id)
                       AND ((OLD.state, OLD.retired_at) IS NOT DISTINCT FROM (NEW.state, NEW.retired_at)
                            OR (OLD.state = 'published' AND NEW.state = 'retired')) THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a published {noun} cannot be changed'
                        USING ERRCODE = 'check_violation', CONSTRAINT = '{noun}_published_is_fixed';
                """,
    )

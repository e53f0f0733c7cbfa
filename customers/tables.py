"""The tables of a house that begins: made by one operation, in the place of hundreds."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState


class CreateModels(Operation):
    """Create models that may name each other, each whole: with its fields, indexes, constraints and triggers.

    After every operation Django makes the classes of the models anew that are related to what it changed, and in a
    house all models are: so a hundred tables in some 750 steps took it the better part of a minute. Here they are all
    told first, and their classes made once.
    """

    category = OperationCategory.ADDITION
    serialization_expand_args = ["models"]  # noqa: RUF012

    def __init__(self, models: list[CreateModel]) -> None:
        self.models = models

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [], {"models": self.models})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        # The classes: a cached property of the state, made of all its models when it is next asked for.
        vars(state).pop("apps", None)
        for one in self.models:
            one.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        # Foreign keys and indexes are made at the end of the migration, so the order of the tables is nobody's matter.
        for one in self.models:
            one.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for one in reversed(self.models):
            one.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create models {', '.join(one.name for one in self.models)}"

    @property
    def migration_name_fragment(self) -> str:
        return "tables"

"""Rows by names in one column, for questions that every join asks."""

from collections.abc import Set as AbstractSet
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam


class ByName:
    """Made once: to put a statement together takes longer than to run it.

    One name is the usual case, and an equality takes half the time of a list with one member, which
    the toolkit writes out anew at each execution.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]], column: ColumnElement[str]) -> None:
        self._one: Final = statement.where(column == bindparam("name"))
        self._many: Final = statement.where(column.in_(bindparam("names", expanding=True)))

    def rows(self, connection: Connection, names: AbstractSet[str]) -> list[Row[*tuple[Any, ...]]]:
        """The rows under these names, in no order; none without asking where there are no names."""
        if not names:
            return []
        if len(names) == 1:
            (name,) = names
            return [*connection.execute(self._one, {"name": name})]
        return [*connection.execute(self._many, {"names": list(names)})]

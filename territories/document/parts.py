"""The lists of an object that are rows of their own: members, boundaries, identifiers …"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from territories import models

from .faults import Place

Columns = dict[str, Any]
Object = dict[str, Any]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Child rows of an object that make up one or more of its keys.

    `split` gives the rows of an object, each with its place in it; `join` puts rows (tuples of
    `columns`, sorted by `order`) into it. `identity` are the columns that say which row is
    which: a row that keeps them is changed, any other is removed and added. `fields` are the
    columns that the document shows by name; `distinct`: a repeated row is dropped."""

    keys: tuple[str, ...]
    model: type[models.Configuration]
    parent: str
    columns: tuple[str, ...]
    identity: tuple[str, ...]
    order: tuple[str, ...]
    split: Callable[[Object], Iterable[tuple[Place, Columns]]]
    join: Callable[[Object, list[Row]], None]
    fields: tuple[str, ...] = ()
    distinct: bool = False

    @property
    def parent_id(self) -> str:
        """The column of the parent's key."""
        return f"{self.parent}_id"

    def identify(self, row: Columns) -> tuple[Any, ...]:
        """What tells a row from the others of its parent."""
        return tuple(
            tuple(value) if isinstance(value := row[name], list) else value
            for name in self.identity
        )


def _split_skills(rep: Object) -> Iterable[tuple[Place, Columns]]:
    for index, skill in enumerate(rep["skills"]):
        yield ("skills", index), {"skill_id": skill}


def _join_skills(rep: Object, rows: list[Row]) -> None:
    rep["skills"] = sorted(skill for (skill,) in rows)


def _split_members(pool: Object) -> Iterable[tuple[Place, Columns]]:
    for index, member in enumerate(pool["members"]):
        row = {"rep_id": member["rep"], "weight": member["weight"], "position": index}
        yield ("members", index), row


def _join_members(pool: Object, rows: list[Row]) -> None:
    pool["members"] = [{"rep": rep, "weight": weight} for rep, weight, _ in rows]


def _split_boundaries(territory: Object) -> Iterable[tuple[Place, Columns]]:
    for index, boundary in enumerate(territory["boundaries"]):
        row = {**boundary, "subdivision": boundary["subdivision"] or "", "position": index}
        yield ("boundaries", index), row


def _join_boundaries(territory: Object, rows: list[Row]) -> None:
    territory["boundaries"] = [
        {"country": country, "subdivision": subdivision or None, "postal": postal}
        for country, subdivision, postal, _ in rows
    ]


IDENTIFIER_KINDS = {
    "aliases": "alias",
    "domains": "domain",
    "external_ids": "external_id",
    "former_keys": "key",
}
_LISTS = {kind: name for name, kind in IDENTIFIER_KINDS.items()}


def _split_identifiers(account: Object) -> Iterable[tuple[Place, Columns]]:
    for name, kind in IDENTIFIER_KINDS.items():
        for index, value in enumerate(account[name]):
            yield (name, index), {"kind": kind, "value": value}


def _join_identifiers(account: Object, rows: list[Row]) -> None:
    for name in IDENTIFIER_KINDS:
        account[name] = []
    for kind, value in rows:
        account[_LISTS[kind]].append(value)
    for name in IDENTIFIER_KINDS:
        account[name].sort()


def _split_roles(account: Object) -> Iterable[tuple[Place, Columns]]:
    for role, target in account["roles"].items():
        row = {"role": role, "rep_id": target.get("rep"), "pool_id": target.get("pool")}
        yield ("roles", role), row


def _join_roles(account: Object, rows: list[Row]) -> None:
    account["roles"] = {
        role: {"pool": pool} if rep is None else {"rep": rep} for role, rep, pool in sorted(rows)
    }


#: Section → its parts.
PARTS: dict[str, tuple[Part, ...]] = {
    "reps": (
        Part(
            keys=("skills",),
            model=models.RepSkill,
            parent="rep",
            columns=("skill_id",),
            identity=("skill_id",),
            order=("id",),
            split=_split_skills,
            join=_join_skills,
        ),
    ),
    "pools": (
        Part(
            keys=("members",),
            model=models.PoolMember,
            parent="pool",
            columns=("rep_id", "weight", "position"),
            identity=("rep_id",),
            order=("position", "id"),
            split=_split_members,
            join=_join_members,
            fields=("weight",),
        ),
    ),
    "territories": (
        Part(
            keys=("boundaries",),
            model=models.Boundary,
            parent="territory",
            columns=("country", "subdivision", "postal", "position"),
            identity=("country", "subdivision", "postal"),
            order=("position", "id"),
            split=_split_boundaries,
            join=_join_boundaries,
            fields=("country", "subdivision", "postal"),
        ),
    ),
    "accounts": (
        Part(
            keys=tuple(IDENTIFIER_KINDS),
            model=models.AccountIdentifier,
            parent="account",
            columns=("kind", "value"),
            identity=("kind", "value"),
            order=("id",),
            split=_split_identifiers,
            join=_join_identifiers,
            distinct=True,
        ),
        Part(
            keys=("roles",),
            model=models.AccountRole,
            parent="account",
            columns=("role", "rep_id", "pool_id"),
            identity=("role",),
            order=("id",),
            split=_split_roles,
            join=_join_roles,
        ),
    ),
}

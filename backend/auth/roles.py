"""Who may do what: one function, one table, deny by default [auth-A7]."""

from typing import Final, Literal, TypeAlias

Role: TypeAlias = Literal["owner", "billing", "editor", "commenter", "viewer"]
Right: TypeAlias = Literal[
    "read", "comment", "edit", "see credits", "buy credits", "administer the workspace"
]
"""`edit` is edit, land scenes, upload, versions, quote, export and cancel."""

ROLES: Final[tuple[Role, ...]] = ("owner", "billing", "editor", "commenter", "viewer")

RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    "owner": frozenset(
        ("read", "comment", "edit", "see credits", "buy credits", "administer the workspace")
    ),
    "billing": frozenset(("read", "comment", "see credits", "buy credits")),
    "editor": frozenset(("read", "comment", "edit", "see credits")),
    "commenter": frozenset(("read", "comment")),
    "viewer": frozenset(("read",)),
}


def may(role: Role, right: Right) -> bool:
    return right in RIGHTS[role]


def lowered(role: Role, ceiling: Role | None) -> Role:
    """The strongest role that both allow."""
    if ceiling is None:
        return role
    shared = RIGHTS[role] & RIGHTS[ceiling]
    return next(name for name in ROLES if RIGHTS[name] <= shared)


def role_of(text: str) -> Role:
    """A stored role; constraints keep others out."""
    if text not in RIGHTS:
        raise ValueError(f"not a role: {text}")
    return text

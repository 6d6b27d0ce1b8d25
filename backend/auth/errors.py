"""What can be wrong with who is asking. `backend/problems.py` turns each into an answer.

AccessError
 +- NotSignedIn        nobody, or somebody whose sign-in is over
 +- WrongCredentials   an email, password or key that opens nothing
 +- NotVisible         no such thing, or none that this caller may see: the same answer
 +- NotAllowed         visible, but this role may not do it
 +- AlreadyTaken       an email that has an account, a member who is one
 +- SignupClosed       accounts come by invitation here
 +- BadRequest         a body that is well formed and makes no sense; `field` and why
 +- TooMany            a limit; `retry_seconds` until it is worth trying again
 +- OpenIdFault        a sign-in at the OpenID provider that failed; `why` is what the page says
"""

from typing import Final, Literal, TypeAlias

OpenIdWhy: TypeAlias = Literal[
    "cancelled",  # the person did not agree there
    "closed",  # nobody new without an invitation
    "email",  # the provider vouches for no email address
    "interrupted",  # begun elsewhere, or too long ago
    "invitation",  # used, over, or for another email
    "limited",
    "unavailable",  # the provider does not answer
    "untrusted",  # it answers what cannot be verified
]


class AccessError(Exception):
    """Root of what the rooms of people raise about access."""


class NotSignedIn(AccessError):
    def __init__(self, detail: str = "sign in, or send a token") -> None:
        super().__init__(detail)


class WrongCredentials(AccessError):
    def __init__(self, detail: str = "email or password is wrong") -> None:
        super().__init__(detail)


class NotVisible(AccessError):
    def __init__(self, kind: str, wanted_id: str) -> None:
        super().__init__(f"no {kind} {wanted_id[:80]}")
        self.kind: Final = kind


class NotAllowed(AccessError):
    def __init__(self, wanted: str, role: str) -> None:
        super().__init__(f"a {role} may not {wanted}")


class AlreadyTaken(AccessError):
    pass


class SignupClosed(AccessError):
    def __init__(self) -> None:
        super().__init__("accounts are made by invitation here")


class BadRequest(AccessError):
    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field: Final = field
        self.detail: Final = detail


class TooMany(AccessError):
    def __init__(self, detail: str, *, retry_seconds: float) -> None:
        super().__init__(detail)
        self.retry_seconds: Final = retry_seconds


class OpenIdFault(AccessError):
    def __init__(self, why: OpenIdWhy) -> None:
        super().__init__(f"the sign-in at the provider failed: {why}")
        self.why: Final = why

"""What the other side refuses, as the API words it."""

from typing import Any, Final


class Refused(Exception):
    """A request that Razorpay would refuse; always told as `{"error": {...}}`."""

    def __init__(
        self,
        description: str,
        *,
        status: int = 400,
        code: str = "BAD_REQUEST_ERROR",
        field: str | None = None,
        reason: str = "input_validation_failed",
    ) -> None:
        super().__init__(description)
        self.status: Final = status
        self.description: Final = description
        self.code: Final = code
        self.field: Final = field
        self.reason: Final = reason

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {
            "code": self.code,
            "description": self.description,
            "source": "business",
            "step": "payment_initiation",
            "reason": self.reason,
            "metadata": {},
        }
        if self.field is not None:
            error["field"] = self.field
        return {"error": error}


class NoConnection(Exception):
    """The connection ends without an answer: a fault of this request, or the sandbox has stopped."""

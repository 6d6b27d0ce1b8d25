"""Bodies of the API about exports. Unknown fields are refused: a typing error would cost credits."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from backend.auth.schemas import Body
from timeline.timing import TICK_MAX, TimeRange


class RangeRequest(Body):
    """Ticks of the main sequence, `end` exclusive."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    start: Annotated[int, Field(ge=0, le=TICK_MAX)]
    end: Annotated[int, Field(ge=1, le=TICK_MAX)]

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end must be after start")
        return self

    @property
    def span(self) -> TimeRange:
        return TimeRange(self.start, self.end - self.start)


class QuoteRequest(Body):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    preset: Annotated[str, Field(min_length=1, max_length=60)] = "source"
    range: RangeRequest | None = None


class ExportRequest(QuoteRequest):
    quote: Annotated[str, Field(min_length=1, max_length=60)] | None = None

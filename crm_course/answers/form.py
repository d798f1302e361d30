"""What an answer looks like: type, columns, key, unit, length."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from crm_course.models import StrictModel

FormType = Literal["number", "integer", "text", "truth", "list", "table", "figure"]
ColumnType = Literal["any", "number", "integer", "text", "truth", "time"]


class Form(StrictModel):
    """What an answer looks like: the only part of a question that is released."""

    type: FormType | None = None
    columns: dict[str, ColumnType] = Field(default={}, description="of a table; a list of names means any type")
    key: list[str] = Field(default=[], description="the columns that name a row, once each")
    unit: str | None = Field(default=None, max_length=50)
    units: dict[Literal["x", "y"], str] = Field(default={}, description="of the axes of a figure")
    of: str | None = Field(default=None, description="what a list holds; *_id means texts")
    unique: bool = False
    at_most: int | None = Field(default=None, ge=0, description="entries of a list or rows of a table")
    at_least: int | None = Field(default=None, ge=0)
    one_of: list[str] = Field(default=[], description="the words from which a verdict is chosen")
    words: tuple[int, int] | None = Field(default=None, description="from, to: of a written answer")

    @field_validator("columns", mode="before")
    @classmethod
    def _names_alone(cls, columns: Any) -> Any:
        return dict.fromkeys(columns, "any") if isinstance(columns, list) else columns

    @field_validator("key", mode="before")
    @classmethod
    def _one_name(cls, key: Any) -> Any:
        return [key] if isinstance(key, str) else key

    @model_validator(mode="after")
    def _fits_together(self) -> Form:
        if strange := [name for name in self.key if self.columns and name not in self.columns]:
            raise ValueError(f"key names {', '.join(strange)}, which columns does not have")
        for low, high in [(self.at_least, self.at_most), self.words or (None, None)]:
            if low is not None and high is not None and low > high:
                raise ValueError(f"from {low} to {high} is no range")
        return self

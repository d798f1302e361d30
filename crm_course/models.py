"""What all models of our files share, so that a key that nobody reads is a mistake wherever it stands."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class StrictModel(BaseModel):
    """A file of ours, or a part of one: unknown keys and infinite numbers are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class FrozenModel(StrictModel):
    """The same, and nothing of it changes once read."""

    model_config = ConfigDict(frozen=True)

"""Notebooks run in processes forked from a warm one, and submissions in a sandbox."""

from crm_course.running.warm.canary import sandbox_problem
from crm_course.running.warm.limits import Limits, SandboxUnavailable
from crm_course.running.warm.slot import Result, Slot

__all__ = ["Limits", "Result", "SandboxUnavailable", "Slot", "sandbox_problem"]

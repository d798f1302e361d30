"""Messages of a run become outputs of a notebook: exact plain types, bounded depth, text that can be written."""

from __future__ import annotations

import math
import re

from nbformat import NotebookNode

from crm_course.running.sandbox.limits import PROTOCOL, TOLD, RunEnded

JSON_TYPE = re.compile(r"application/(.*\+)?json")
DEPTH = 100  # of nested lists; more cannot be written again
TRACEBACK_LINES = 500
UPDATED = 8  # outputs of one display id, the latest: what is sent once must not be written thousands of times

DisplayIds = dict[str, list[NotebookNode]]


class CellOutputs:
    """The outputs of one cell, as they come.

    Parameters
    ----------
    displays : dict
        Outputs of the whole notebook by display id, so that a later cell can update them.
    count : int
        The cell's number among those that ran.
    """

    def __init__(self, displays: DisplayIds, count: int) -> None:
        self._displays = displays
        self._count = count
        self._outputs: list[NotebookNode] = []
        self._texts: list[str] = []  # of the last output, when it is a stream
        self._clear_before_next = False

    def take(self, message: dict[str, object]) -> None:
        """Take one message.

        Raises
        ------
        RunEnded
            If it is no output.
        """
        try:
            self._take(str(message.get("kind")), message)
        except RecursionError as error:
            raise RunEnded(PROTOCOL) from error

    def _take(self, kind: str, message: dict[str, object]) -> None:
        if kind == "clear":
            self._clear(wait=bool(message.get("wait")))
        elif kind == "update":
            self._update(message)
        elif kind == "stream":
            self._add_text("stderr" if message.get("name") == "stderr" else "stdout", text(message.get("text", "")))
        elif kind in MAKERS:
            self._add(NotebookNode(MAKERS[kind](message, self._count)), message.get("display_id"))
        else:
            raise RunEnded(PROTOCOL)

    def tell_end(self, ended: str) -> None:
        """Add an output that says why the run ended here."""
        sentence = TOLD[ended]
        line = f"{ended}: {sentence}"
        self._add(NotebookNode(output_type="error", ename="RunEnded", evalue=line, traceback=[f"RunEnded: {line}"]))

    def finished(self) -> list[NotebookNode]:
        """Give the outputs."""
        self._join_texts()
        return self._outputs

    def _clear(self, wait: bool) -> None:
        self._clear_before_next = wait
        if not wait:
            self._outputs, self._texts = [], []

    def _add(self, output: NotebookNode, display_id: object = None) -> None:
        if self._clear_before_next:
            self._clear(wait=False)
        self._join_texts()
        self._outputs.append(output)
        if display_id:
            places = self._displays.setdefault(text(display_id), [])
            places.append(output)
            del places[:-UPDATED]

    def _add_text(self, name: str, words: str) -> None:
        last = self._outputs[-1] if self._outputs else None
        if self._clear_before_next or last is None or last.output_type != "stream" or last.name != name:
            self._add(NotebookNode(output_type="stream", name=name, text=""))
        self._texts.append(words)

    def _join_texts(self) -> None:
        """Put a stream together only when it is whole: piece by piece would take its square of time."""
        if self._texts:
            self._outputs[-1].text = "".join([self._outputs[-1].text, *self._texts])
            self._texts = []

    def _update(self, message: dict[str, object]) -> None:
        new = _bundle(message)
        for output in self._displays.get(text(message.get("display_id")), []):
            output.update(new)


def _bundle(message: dict[str, object]) -> dict[str, object]:
    data, metadata = plain(message.get("data")), plain(message.get("metadata"))
    if not isinstance(data, dict) or not isinstance(metadata, dict):
        raise RunEnded(PROTOCOL)
    return {"data": NotebookNode({kind: _of_type(kind, value) for kind, value in data.items()}), "metadata": metadata}


def _of_type(kind: str, value: object) -> object:
    """Make text of what is no JSON, as the notebook format asks for."""
    return value if isinstance(value, str) or JSON_TYPE.fullmatch(kind) else text(value)


def _display(message: dict[str, object], _: int) -> dict[str, object]:
    return {"output_type": "display_data", **_bundle(message)}


def _result(message: dict[str, object], count: int) -> dict[str, object]:
    return {"output_type": "execute_result", "execution_count": count, **_bundle(message)}


def _error(message: dict[str, object], _: int) -> dict[str, object]:
    lines = message.get("traceback")
    return {
        "output_type": "error",
        "ename": text(message.get("ename", "")),
        "evalue": text(message.get("evalue", "")),
        "traceback": [text(line) for line in lines[:TRACEBACK_LINES]] if isinstance(lines, list) else [],
    }


MAKERS = {"display": _display, "result": _result, "error": _error}


def text(value: object) -> str:
    """Give text that can be written: a lone surrogate becomes a question mark."""
    return (value if isinstance(value, str) else str(value)).encode("utf-8", "replace").decode()


def plain(value: object, depth: int = DEPTH) -> object:
    """Give a value of JSON with text that can be written and numbers that are finite.

    Raises
    ------
    RunEnded
        If it is nested too deeply.

    Examples
    --------
    >>> plain({"a": [1, float("inf"), "\\ud800"]})
    {'a': [1, None, '?']}
    """
    if depth < 0:
        raise RunEnded(PROTOCOL)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        for place, item in enumerate(value):  # in place: a copy would take the memory again
            value[place] = plain(item, depth - 1)
        return value
    if isinstance(value, dict):
        return NotebookNode({text(name): plain(item, depth - 1) for name, item in value.items()})
    return None if isinstance(value, float) and not math.isfinite(value) else value

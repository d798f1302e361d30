"""Notebooks of a few lines, and what came of them."""

from nbformat.v4 import new_code_cell, new_notebook


def notebook_of(*sources):
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def outputs(result, number=-1):
    """The outputs of one cell, by default the last."""
    return result.notebook.cells[number].outputs


def text(result, number=-1):
    """All text of one cell: streams, and the plain form of values."""
    parts = [one.get("text") or one.get("data", {}).get("text/plain", "") for one in outputs(result, number)]
    return "".join(parts).strip()


def errors(result):
    """The names of all errors, cell by cell, without the one that tells how the run ended."""
    found = [one for cell in result.notebook.cells for one in cell.outputs if one.output_type == "error"]
    return [one.ename for one in found if one.ename != "RunEnded"]


def kinds(result, number=-1):
    """The kinds of a cell's outputs, streams by their names."""
    return [one.get("name", one.output_type) for one in outputs(result, number)]

"""Which names a cell makes and which it needs, so that what depends on a failed cell can be left out."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from IPython.core.inputtransformer2 import TransformerManager

TIMED = re.compile(r"^(\s*)%%?time\b[ \t]*", re.MULTILINE)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.Match)


@dataclass(frozen=True)
class Names:
    """What a cell makes and needs.

    Attributes
    ----------
    makes : frozenset of str
        Names that it binds at its top level, on whatever path.
    needs : tuple of str
        Names that it reads before it has surely bound them, in order of appearance; built-ins included.
    """

    makes: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()


def names_of(source: str) -> Names:
    """Read a cell's source; IPython's magics and top-level ``await`` are understood.

    Parameters
    ----------
    source : str
        The cell. Where it does not parse, no name is made and none needed.

    Examples
    --------
    >>> names_of("fit = customer_value.fit_bg_nbd(table)\\nfit.params").needs
    ('customer_value', 'table')
    >>> sorted(names_of("import pandas as pd\\nfor name in names:\\n    total = 0").makes)
    ['name', 'pd', 'total']
    """
    try:
        tree = ast.parse(TransformerManager().transform_cell(TIMED.sub(r"\1", source)))
    except (SyntaxError, ValueError):
        return Names()
    reader = _Reader()
    reader.statements(tree.body)
    return Names(frozenset(reader.made), tuple(dict.fromkeys(reader.needed)))


@dataclass
class Missing:
    """The names that are missing because a cell that would have made them failed or was left out.

    Attributes
    ----------
    names : dict of str to str
        Why each is missing: what the shop does not have; empty where something went wrong.
    """

    names: dict[str, str] = field(default_factory=dict)

    def needed_by(self, cell: Names) -> list[str]:
        """Give the missing names that a cell needs."""
        return [name for name in cell.needs if name in self.names]

    def why(self, needed: list[str]) -> str:
        """Give what the shop does not have and names are missing for; empty where something went wrong as well."""
        reasons = [self.names[name] for name in needed]
        return reasons[0] if all(reasons) else ""

    def failed(self, cell: Names, why: str = "") -> None:
        """Take note that a cell failed, or was left out: what it makes is missing from now on."""
        self.names |= dict.fromkeys(cell.makes, why)

    def ran(self, cell: Names) -> None:
        """Take note that a cell ran: what it makes is there again."""
        for name in cell.makes & self.names.keys():
            del self.names[name]


def left_out(needed: list[str], why: str = "") -> str:
    """Give the line that stands in place of a cell that was left out.

    Examples
    --------
    >>> left_out(["fit"])
    'Left out: needs `fit`, which was not made above.'
    >>> left_out(["fit"], "CDNOW has no table `returns`")
    'Left out: CDNOW has no table `returns`.'
    """
    listed = " and ".join(f"`{name}`" for name in needed)
    made = f"needs {listed}, which {'was' if len(needed) == 1 else 'were'} not made above"
    return f"Left out: {why or made}."


class _Reader(ast.NodeVisitor):
    """Walks a cell in the order of execution, keeping what is bound for sure at each point."""

    def __init__(self) -> None:
        self.made: set[str] = set()
        self.bound: set[str] = set()
        self.needed: list[str] = []

    def statements(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.visit(statement)

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, SCOPES):
            self._scope(node)
        elif isinstance(node, BRANCHES):
            self._branches(node)
        else:
            super().visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self._bind(node.id)
        else:
            self._read(node.id)

    def visit_Assign(self, node: ast.Assign | ast.NamedExpr) -> None:
        self.visit(node.value)
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            self.visit(target)

    visit_NamedExpr = visit_Assign

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.visit(node.target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self._read(node.target.id)
        if not isinstance(node.op, ast.BitOr):  # figures |= {…} is figures["x"] = … for several: it changes, not makes
            self.visit(node.target)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if alias.name != "*":
                self._bind(alias.asname or alias.name.partition(".")[0])

    visit_ImportFrom = visit_Import

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        inner = self._inner()
        for part in [*node.decorator_list, *node.bases, *node.keywords, *node.body]:
            inner.visit(part)
        self.needed += inner.needed
        self._bind(node.name)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type:
            self.visit(node.type)
        if node.name:
            self.bound.add(node.name)  # gone after the handler: not made
        self.statements(node.body)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self.generic_visit(node)
        if node.name:
            self._bind(node.name)

    visit_MatchStar = visit_MatchAs

    def _scope(self, node: ast.AST) -> None:
        """Take what a function or comprehension reads beside its own names as needed by the cell."""
        own = {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
        own |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            own |= {part.name for part in ast.walk(node) if isinstance(part, (ast.FunctionDef, ast.ClassDef))}
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id not in own:
                self._read(part.id)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._bind(node.name)

    def _branches(self, node: ast.AST) -> None:
        """Take what a branch binds as made, but as surely bound only inside it, or when all branches bind it."""
        sure = []
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                before = set(self.bound)
                self.statements(value)
                sure.append(self.bound)
                self.bound = self.bound if name == "finalbody" else before
            elif name == "iter":
                self.visit(value)
                self.visit(node.target)  # type: ignore[attr-defined]
            elif name in ("test", "subject"):
                self.visit(value)
        if isinstance(node, ast.If):
            self.bound |= set.intersection(*sure)

    def _inner(self) -> _Reader:
        inner = _Reader()
        inner.bound = set(self.bound)
        return inner

    def _bind(self, name: str) -> None:
        self.made.add(name)
        self.bound.add(name)

    def _read(self, name: str) -> None:
        if name not in self.bound:
            self.needed.append(name)

"""Solution regions: whole statements between two marker comments of a cell, and what a trainee gets in their place."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crm_course.exercise.cells import NOWHERE, Place, is_python, parse, plain, unified
from crm_course.running.missing.dependencies import names_of

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
CUT = "a solution must hold whole statements of one block; move its markers so that nothing is cut"
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
LOOPS = (ast.For, ast.AsyncFor, ast.While)
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
Blocks = dict[ast.AST, tuple[ast.AST, list[ast.AST]]]  # of each statement: whose block it is in, and the block


@dataclass(frozen=True)
class Region:
    """One solution region of a cell.

    Attributes
    ----------
    first, last : int
        Lines of its markers, counted from 1 in the cell.
    indent : str
        What stands before the markers.
    statements : list of ast.stmt
        What it holds, magics read as calls.
    then : list of ast.stmt
        What may run after it in the cell, solutions left out; in a function or class, the rest of that.
    local : bool
        Whether it lies in a function or class, whose names no other cell sees.
    """

    first: int
    last: int
    indent: str
    statements: list[ast.stmt]
    then: list[ast.stmt]
    local: bool


def regions(source: str, place: Place = NOWHERE) -> list[Region]:
    """Find the solution regions of a code cell, in order.

    Parameters
    ----------
    source : str
        The cell; magics and top-level ``await`` are understood. A marker inside a string is none.
    place : Place
        Where it comes from.

    Raises
    ------
    CourseError
        If the cell is not Python, or a marker is unmatched, nested, misspelt or wrongly indented, or a region
        is empty, cuts a statement or spans several blocks.
    """
    text = unified(source)
    if not is_python(text):
        refuse_markers(text, place, "tag a cell of another language `solution` to take it out as a whole")
        return []
    blocks = _blocks(parse(text, place))
    tokens = list(tokenize.generate_tokens(io.StringIO(plain(text)).readline))
    filled = {token.start[0] for token in tokens if token.type not in LAYOUT}
    found = []
    for first, last in _pairs(tokens, place):
        inside = filled.intersection(range(first, last))
        if not inside:
            raise place.error(first, "the solution is empty; put the statements of an answer between its markers")
        statements = _outermost(blocks, first, last)
        if not inside <= {line for one in statements for line in range(begin(one), (one.end_lineno or 0) + 1)}:
            raise place.error(first, CUT)
        lines = text.split("\n")
        indent, *markers = (_indent(lines[line - 1]) for line in (begin(statements[0]), first, last))
        for line, marker in zip((first, last), markers, strict=True):
            if marker != indent:
                raise place.error(line, "indent the marker like the statements of its solution")
        found.append((first, last, indent, statements, _taken_out(blocks, statements)))
    return [Region(first, last, indent, held, *_then(blocks, hole)) for first, last, indent, held, hole in found]


def released(source: str, place: Place = NOWHERE, later: Sequence[str] = ()) -> str:
    r"""Give a cell with every region replaced by what a trainee begins with.

    Parameters
    ----------
    source : str
        The cell.
    place : Place
        Where it comes from.
    later : sequence of str
        The code cells that follow, as released: names that they read are kept as well.

    Returns
    -------
    str
        The cell, with ``name = ...`` for every name that a region makes and that is read afterwards; ``...``
        where there is none. A name that a region only changes (``q2["x"] = 1``) counts where it is an answer.

    Raises
    ------
    CourseError
        As `regions`.

    Examples
    --------
    >>> print(released("### BEGIN SOLUTION\nnet = sold - back\nq2 = net.sum()\n### END SOLUTION\nanswer('q2', q2)"))
    q2 = ...
    answer('q2', q2)
    """
    text = unified(source)
    following = [statement for cell in later for statement in parse(cell, Place("a later cell")).body]
    while found := regions(text, place):  # the last one first: what stands in its place makes names too
        region = found[-1]
        stubs = _stubs(region.statements, region.then + ([] if region.local else following))
        lines = text.split("\n")
        lines[region.first - 1 : region.last] = [region.indent + stub for stub in stubs]
        text = "\n".join(lines)
    return text


def without_markers(source: str, place: Place = NOWHERE) -> str:
    """Give a cell with its solutions and without their markers."""
    markers = {line for region in regions(source, place) for line in (region.first, region.last)}
    return "\n".join(line for at, line in enumerate(unified(source).split("\n"), start=1) if at not in markers)


def refuse_markers(text: str, place: Place, advice: str) -> None:
    """Refuse markers in what is no Python: nothing would take the solution out."""
    for number, line in enumerate(unified(text).split("\n"), start=1):
        if line.strip() in (BEGIN, END):
            raise place.error(number, f"`{line.strip()}` is read in Python cells only; {advice}")


def begin(node: ast.stmt) -> int:
    """Give the first line of a statement, its decorators' included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(part.lineno for part in decorators)])


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _pairs(tokens: list[tokenize.TokenInfo], place: Place) -> Iterator[tuple[int, int]]:
    begun = 0
    for token in (token for token in tokens if token.type == tokenize.COMMENT):
        words, line = " ".join(token.string.replace("#", " ").split()), token.start[0]
        if not words.startswith((BEGIN[4:], END[4:])) and words.upper() not in (BEGIN[4:], END[4:]):
            continue
        if token.string.strip() not in (BEGIN, END) or token.line.strip() != token.string.strip():
            raise place.error(line, f"write `{BEGIN}` or `{END}`, alone on its line")
        if bool(begun) == token.string.startswith(BEGIN):
            other = f"is inside the solution that begins in line {place.first_line + begun - 1}; end that first"
            lacking = f"has no `{BEGIN}` above it in its cell; add it, or take this one away"
            raise place.error(line, f"`{token.string.strip()}` {other if begun else lacking}")
        if begun:
            yield begun, line
        begun = 0 if begun else line
    if begun:
        raise place.error(begun, f"`{BEGIN}` has no `{END}` in its cell; end it there and begin anew in the next cell")


def _blocks(tree: ast.Module) -> Blocks:
    parts = (ast.stmt, ast.excepthandler, ast.match_case)
    fields = ((owner, value) for owner in ast.walk(tree) for _, value in ast.iter_fields(owner))
    lists = ((owner, value) for owner, value in fields if isinstance(value, list))
    return {child: (owner, block) for owner, block in lists for child in block if isinstance(child, parts)}


def _outermost(blocks: Blocks, first: int, last: int) -> list[ast.stmt]:
    """Give the statements between two lines; none where they are not of one block."""
    inside = [
        one for one in blocks if isinstance(one, ast.stmt) and first < begin(one) and (one.end_lineno or 0) < last
    ]
    outer = [one for one in inside if not any(over in inside for over in _owners(blocks, one))]
    return outer if len({id(blocks[one][1]) for one in outer}) == 1 else []


def _owners(blocks: Blocks, node: ast.AST) -> Iterator[ast.AST]:
    while node in blocks:
        node = blocks[node][0]
        yield node


def _taken_out(blocks: Blocks, statements: list[ast.stmt]) -> ast.stmt:
    """Put ``...`` in the place of statements of one block, and give it."""
    owner, block = blocks[statements[0]]
    hole = ast.copy_location(ast.Expr(ast.Constant(...)), statements[0])
    at = block.index(statements[0])
    block[at : at + len(statements)] = [hole]
    blocks[hole] = (owner, block)
    return hole


def _then(blocks: Blocks, node: ast.AST) -> tuple[list[ast.stmt], bool]:
    """Give what may run after a statement, and whether the way out ends at a function or class."""
    found: list[ast.stmt] = []
    while node in blocks:
        owner, block = blocks[node]
        found += [one for one in block[block.index(node) + 1 :] if isinstance(one, ast.stmt)]
        if isinstance(owner, SCOPES):
            return found, True
        if isinstance(owner, LOOPS):
            found.append(owner)  # the next round
        if isinstance(owner, (ast.Try, ast.TryStar)):
            caught = [one for handler in owner.handlers for one in handler.body]
            found += [ast.If(ast.Constant(True), [*body], []) for body in (caught, owner.orelse) if body]  # perhaps
            found += owner.finalbody
        node = owner
    return found, False


def _stubs(statements: list[ast.stmt], then: list[ast.stmt]) -> list[str]:
    """Give the lines that stand in place of statements, by what runs after them."""
    needed = names_of(_text(then)).needs
    made = list(dict.fromkeys(name for one in statements for name in sorted(names_of(_text([one])).makes)))
    answers = [one.id for call in ast.walk(ast.Module(then, [])) for one in answered(call) if isinstance(one, ast.Name)]
    made += [name for name in _changed(statements) if name not in made and name in answers]
    return [f"{name} = ..." for name in made if name in needed] or ["..."]


def answered(node: ast.AST) -> list[ast.expr]:
    """Give the arguments of a call of ``answer``, the question's id first; none for anything else."""
    if not isinstance(node, ast.Call) or getattr(node.func, "id", getattr(node.func, "attr", "")) != "answer":
        return []
    named = {word.arg: word.value for word in node.keywords}
    return [*node.args, *(named[name] for name in ("id", "value") if name in named)]


def _changed(statements: list[ast.stmt]) -> list[str]:
    """Give the names whose objects statements change: ``q["x"] = 1``, ``q.x = 1``, ``q |= …``, ``q.append(1)``."""
    found = {}
    for node in ast.walk(ast.Module(statements, [])):
        target: ast.AST | None = node if isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)) else None
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            target = node.value.func
        elif isinstance(node, ast.AugAssign):
            target = node.target
        while isinstance(target, (ast.Subscript, ast.Attribute)):
            target = target.value
        if isinstance(target, ast.Name):
            found[target.id] = True
    return list(found)


def _text(statements: list[ast.stmt]) -> str:
    return ast.unparse(ast.Module(statements, []))

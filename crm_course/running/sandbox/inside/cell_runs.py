"""The process that belongs to the trainee: it runs cells as they come and says when each is done."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
from typing import BinaryIO, NoReturn

from crm_course.running.sandbox.inside.output_streams import Channel, TextOut
from crm_course.running.sandbox.inside.shell import Shell

CELLS, MESSAGES = 3, 4  # the pipes, beside 1 and 2; no other file is open when the first cell starts
LAST = 4096


def take_pipes(fds: list[int]) -> None:
    """Put the four pipes (cells, messages, raw stdout, raw stderr) in their places and close all else."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    parked = [os.dup(fd) for fd in fds]
    while min(parked) <= MESSAGES:  # a place that is still to be filled
        parked = [os.dup(fd) for fd in parked]
    os.dup2(nothing, 0)
    for fd, place in zip(parked, (CELLS, MESSAGES, 1, 2), strict=True):
        os.dup2(fd, place, inheritable=place in (1, 2))
    os.closerange(MESSAGES + 1, LAST)


def serve(shell: Shell, fds: list[int]) -> NoReturn:
    """Run the cells that come until no more come, then end the process."""
    take_pipes(fds)
    channel = Shell.channel = Channel(MESSAGES)
    for name, fd in (("stdout", 1), ("stderr", 2)):
        stream = TextOut(name, fd, channel)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _other_random_numbers()
    loop = asyncio.new_event_loop()  # one made before the fork would be shared with other runs
    asyncio.set_event_loop(loop)
    with open(CELLS, "rb", closefd=False) as cells:
        while source := _next_cell(cells):
            channel.new_cell()
            channel.send("done", ok=_run(shell, loop, source))
    os._exit(0)


def _other_random_numbers() -> None:
    """Draw anew what the fork copied."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


def _next_cell(cells: BinaryIO) -> str:
    size = int.from_bytes(cells.read(4), "big")
    return str(json.loads(cells.read(size))) if size else ""


def _run(shell: Shell, loop: asyncio.AbstractEventLoop, source: str) -> bool:
    try:
        return bool(loop.run_until_complete(_run_in_loop(shell, source)))
    except (Exception, KeyboardInterrupt):  # of the loop itself; a cell's own errors are shown by the shell
        with contextlib.suppress(KeyboardInterrupt):  # a second one
            shell.showtraceback(exception_only=True)
        return False


async def _run_in_loop(shell: Shell, source: str) -> bool:
    """Run a cell inside a running loop, as ipykernel does, so that `await` and `create_task` work."""
    try:
        code, problem = shell.transform_cell(source), None
    except Exception:  # whatever a transformer of the notebook's own raises: the shell shows it
        code, problem = source, sys.exc_info()
    result = await shell.run_cell_async(
        source, store_history=True, transformed_cell=code, preprocessing_exc_tuple=problem
    )
    shell.events.trigger("post_execute")
    shell.events.trigger("post_run_cell", result)
    await asyncio.sleep(0)
    if error := result.error_before_exec or result.error_in_exec:
        shell.show_if_unseen(error)
    return bool(result.success)

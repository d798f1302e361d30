"""IPython without a kernel: what cells show goes to the channel."""

from __future__ import annotations

import binascii
import builtins
import getpass
import inspect
import os
import traceback
import zlib
from typing import Any, ClassVar, NoReturn

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from crm_course.running.sandbox.inside.output_streams import Channel

NO_INPUT = "nobody is there to answer: the notebook runs as a whole, so input() cannot be used; write the value down"


def _as_text(bundle: dict[str, object]) -> dict[str, object]:
    """Encode pictures, which come as bytes, as notebooks keep them."""
    return {
        kind: binascii.b2a_base64(value, newline=False).decode() if isinstance(value, bytes) else value
        for kind, value in bundle.items()
    }


class Publisher(DisplayPublisher):
    """Sends what ``display`` shows."""

    def publish(  # type: ignore[override]
        self,
        data: dict[str, object],
        metadata: dict[str, object] | None = None,
        *,
        transient: dict[str, object] | None = None,
        update: bool = False,
        **_: object,
    ) -> None:
        """Send one bundle."""
        display_id = (transient or {}).get("display_id")
        kind = "update" if update else "display"
        Shell.channel.send(kind, data=_as_text(data), metadata=metadata or {}, display_id=display_id)

    def clear_output(self, wait: bool = False) -> None:
        """Ask for the cell's outputs to be cleared, at once or before the next one."""
        Shell.channel.send("clear", wait=wait)


class Hook(DisplayHook):
    """Sends the value of a cell's last line."""

    def write_output_prompt(self) -> None:
        """Write no prompt: a notebook keeps the number beside the cell."""

    def write_format_data(self, format_dict: dict[str, object], md_dict: dict[str, Any] | None = None) -> None:
        """Send the value's bundle."""
        Shell.channel.send("result", data=_as_text(format_dict), metadata=md_dict or {})

    def finish_displayhook(self) -> None:
        """End without the line break that a terminal needs."""
        self._is_active = False


class Compiler(CachingCompiler):
    """Names cells so that ``inspect`` knows at once whose they are.

    For each frame of a traceback it would otherwise look through all modules that were ever imported.
    """

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:  # noqa: ARG002
        """Give a name for a cell, and tell ``inspect`` that it belongs to the notebook."""
        code = zlib.crc32(transformed_code.encode("utf-8", "replace"))
        name = f"/notebook/cell-{number}-{code:08x}"  # a name that ends in .py would be looked for on the disk
        inspect.modulesbyfile[name] = "__main__"
        return name


class Shell(InteractiveShell):
    """A shell for notebooks."""

    channel: ClassVar[Channel]
    display_pub_class = Type(Publisher)
    displayhook_class = Type(Hook)
    compiler_class = Type(Compiler)
    kernel = object()  # pandas asks for `get_ipython().kernel` to know that this is a notebook

    def enable_gui(self, gui: str | None = None) -> None:
        """Let figures be: they are shown inline."""

    def ask_exit(self) -> None:
        """End the process, as `exit` does in a kernel."""
        self.channel.send("stream", name="stderr", text="exit: the notebook ends here\n")
        os._exit(0)

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self.channel.error_shown = True
        name = str(getattr(etype, "__name__", etype))
        self.channel.send("error", ename=name, evalue=_words(evalue), traceback=[str(line) for line in stb])

    def show_if_unseen(self, error: BaseException) -> None:
        """Show an error that IPython only prints, such as a magic that does not exist."""
        if not self.channel.error_shown:
            lines = traceback.format_exception_only(type(error), error)
            self._showtraceback(type(error), error, [line.rstrip("\n") for line in lines])


def _words(error: object) -> str:
    """Give an error's message, also when its own way to tell it fails."""
    try:
        return str(error)
    except Exception as another:
        return f"(its message could not be made: {type(another).__name__})"


# rich, tqdm and pandas look for these very names before they show a table or a bar as a notebook does
Shell.__name__ = Shell.__qualname__ = "ZMQInteractiveShell"
Shell.__module__ = "ipykernel.zmqshell"


def _no_input(*_: object, **__: object) -> NoReturn:
    raise StdinNotImplementedError(NO_INPUT)


def make_shell() -> Shell:
    """Make the one shell of this process; it keeps no history on disk and starts no thread for it."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    shell: Shell = Shell.instance(config=config)
    shell.set_hook("show_in_pager", lambda *_, **__: None, 0)
    builtins.input = _no_input
    getpass.getpass = _no_input
    return shell

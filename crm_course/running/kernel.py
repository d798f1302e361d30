"""The kernel that runs chapters: this very interpreter, whatever kernels are installed."""

from __future__ import annotations

import zmq
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

QUIET = {
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # no word about frozen modules
    "PYTHONHASHSEED": "0",  # sets are shown in the same order every time
}
RARELY = "__import__('gc').set_threshold(50_000)"  # imports make 300,000 objects, none of them garbage


class ThisPython(AsyncKernelManager):
    """A kernel manager that starts ipykernel under ``sys.executable`` and encrypts what they say, where both can."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """The one kernel there is."""
        return KernelSpec(**{**get_kernel_dict([f"--IPKernelApp.exec_lines={RARELY}"]), "env": QUIET})

    @default("transport_encryption")
    def _encrypt(self) -> str:
        return "auto" if zmq.has("curve") else "disabled"

"""Who supervises runs stays light: a batch has many of them, and none of the science stack."""

import subprocess
import sys

HEAVY = {"numpy", "pandas", "matplotlib", "scipy", "pyarrow", "IPython", "papermill", "zmq"}


def test_it_imports_none_of_what_notebooks_import(house):
    script = (
        "import sys; from crm_course.running.sandbox.canary import sandbox_problem; "
        "from crm_course.running.sandbox.slot import Slot; "
        f"print(sorted({HEAVY} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(house)}, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"

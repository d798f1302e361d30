"""What of this machine a sandboxed notebook sees: the interpreter, the packages, the course; all read-only.

Everything lies where it lies outside, so that links, scripts and tracebacks hold.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from pathlib import Path

from crm_course.running.sandbox.inside.confine import DESK, INBOX, SHARED, TEMPORARY, USER
from crm_course.running.sandbox.limits import SandboxUnavailable

SYSTEM = [Path("/usr"), Path("/etc/ld.so.cache"), Path("/etc/fonts"), Path("/etc/alternatives"), Path("/etc/localtime")]
ROOT_LINKS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
PACKAGE = Path(__file__).absolute().parents[2]
SETTINGS = {  # of every zygote: threads and the memory pool that pyarrow starts would not survive a fork
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "MALLOC_ARENA_MAX": "2",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}
MATPLOTLIB = f"{TEMPORARY}/matplotlib"
ENOUGH_MB = 64  # for what the zygote itself writes


def environment() -> dict[str, str]:
    """Give the whole environment inside the sandbox."""
    folders = dict.fromkeys([sysconfig.get_path("scripts"), "/usr/local/bin", "/usr/bin", "/bin"])
    return {
        **SETTINGS,
        "HOME": TEMPORARY,
        "IPYTHONDIR": f"{TEMPORARY}/ipython",
        "LANG": "C.UTF-8",
        "MPLCONFIGDIR": MATPLOTLIB,
        "PATH": ":".join(folders),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONPATH": str(PACKAGE.parent),
        "TZ": "UTC",
    }


def python_places() -> list[Path]:
    """Give the folders of interpreter, packages and course, outermost first, none inside another."""
    paths = sysconfig.get_paths()
    named = [
        sys.base_prefix,
        sys.prefix,
        sys.base_exec_prefix,
        *(paths[key] for key in ("stdlib", "purelib", "platlib")),
    ]
    wanted = {Path(name).absolute() for name in named} | {PACKAGE, Path(sys.executable).resolve().parent.parent}
    wanted |= {place.resolve() for place in wanted}
    places: list[Path] = []
    for place in sorted(wanted):
        if not any(place.is_relative_to(other) for other in [*places, Path("/usr")]):
            places.append(place)
    _check(places)
    return places


def _check(places: list[Path]) -> None:
    for place in places:
        if Path.home().is_relative_to(place):
            raise SandboxUnavailable(f"Python is installed in {place}, which holds all of your home: use a venv")


def below_temporary(places: list[Path]) -> list[str]:
    """Give the places that a run's own /tmp would cover."""
    return [str(place) for place in places if place.is_relative_to(TEMPORARY)]


def shown() -> list[str]:
    """Name all of the machine that a run sees."""
    links = [Path("/", link) for link in ROOT_LINKS]
    return [str(place) for place in [*SYSTEM, *links, *python_places()]]


def _shown(place: Path) -> list[str]:
    """Bind a place; the folders that lead to it are made so that an ordinary user may pass through them."""
    made = [word for parent in reversed(place.parents[:-1]) for word in ("--perms", "0755", "--dir", str(parent))]
    return [*made, "--ro-bind", str(place), str(place)]


def _system() -> list[str]:
    words = []
    for link in ROOT_LINKS:
        path = Path("/", link)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    for place in SYSTEM:
        if place.exists():
            words += _shown(place.resolve() if place.is_dir() else place)
    return words


def _font_list() -> list[str]:
    """Show matplotlib's list of fonts, where this user has one: to make it takes longer than all else."""
    folder = os.environ.get("MPLCONFIGDIR") or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")) / "matplotlib"
    lists = Path(folder).expanduser().glob("fontlist-v*.json")
    return [word for path in lists for word in ("--ro-bind", str(path), f"{MATPLOTLIB}/{path.name}")]


def bubblewrap(inbox: Path, fd: int) -> list[str]:
    """Give the command that starts a zygote in its sandbox.

    Parameters
    ----------
    inbox : Path
        The folder in which the supervisor lays the data of each run.
    fd : int
        Where bubblewrap writes the zygote's process id.

    Raises
    ------
    SandboxUnavailable
        If bubblewrap is not installed, or Python lies where it cannot be shown alone.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxUnavailable("bubblewrap is missing: apt-get install bubblewrap, or the like on your system")
    size = str(ENOUGH_MB << 20)
    return [
        program,
        *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
        *_user(),
        *("--as-pid-1", "--new-session", "--hostname", "notebook", "--clearenv", "--info-fd", str(fd)),
        *_system(),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--size", size, "--perms", "1777", "--tmpfs", TEMPORARY, "--perms", "1777", "--dir", MATPLOTLIB),
        *(word for place in python_places() for word in _shown(place)),
        *_font_list(),
        *("--perms", "0755", "--dir", DESK, "--perms", "0755", "--dir", SHARED, "--ro-bind", str(inbox), INBOX),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"),
        *(word for name, value in environment().items() for word in ("--setenv", name, value)),
        "--",
    ]


def _user() -> list[str]:
    """Root makes the mounts as root, so that it may show what lies in its own home, and drops to an ordinary user."""
    if os.geteuid() != 0:
        return ["--unshare-user", "--uid", str(USER), "--gid", str(USER), "--cap-drop", "ALL"]
    kept = ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN")
    return ["--cap-drop", "ALL", *(word for capability in kept for word in ("--cap-add", capability))]

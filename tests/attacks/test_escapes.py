"""Getting out, or at what runs beside it: attacks 5 to 9 and 56."""

import pytest

# What each brings out: the canary, where the attack succeeds.
REACH = {
    "a shell": "said(subprocess.getoutput, 'cat ' + KEY)",
    "a magic": "get_ipython().getoutput('cat ' + KEY).n",
    "a server by TCP": "said(lambda: socket.create_connection(('127.0.0.1', TCP), 2).recv(100))",
    "a server by UDP": """
def ask():
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asking.settimeout(2)
    asking.sendto(b"?", ("127.0.0.1", UDP))
    return asking.recv(100)
said(ask)""",
    "an abstract socket": """
def ask():
    asking = socket.socket(socket.AF_UNIX)
    asking.connect(ABSTRACT)
    return asking.recv(100)
said(ask)""",
    "a socket of the file system, as Docker has one": """
def ask():
    asking = socket.socket(socket.AF_UNIX)
    asking.connect(SOCKET)
    return asking.recv(100)
said(ask)""",
}
# Whether it works: outside it does, at least for root.
WORK = {
    "a name server": "works(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)",
    "the list of networks": "works(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW)",
    "bpf": "reaches_the_kernel(NUMBERS['bpf'], 0, 0, 0)",
    "keyctl": "reaches_the_kernel(NUMBERS['keyctl'], 0, -3, 0, 0, 0)",
    "performance counters": "reaches_the_kernel(NUMBERS['perf_event_open'], 0, 0, 0, 0, 0)",
    "a file by its handle": "reaches_the_kernel(NUMBERS['open_by_handle_at'], -1, 0, 0)",
    "memory that has no name": "works(os.memfd_create, 'x')",
    "a trace": "in_child(lambda: libc.ptrace(0, 0, 0, 0))",
    "the limits of its parent": "works(resource.prlimit, os.getppid(), resource.RLIMIT_NOFILE)",
    "the processors of its parent": "works(lambda: os.sched_setaffinity(os.getppid(), os.sched_getaffinity(0)) or 1)",
    "the priority of its parent": "works(lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 0) or 1)",
    "the scheduling of its parent": """works(lambda: os.sched_setscheduler(os.getppid(), os.SCHED_OTHER,
    os.sched_param(0)) or 1)""",
    "the memory of its parent": "works(open, f'/proc/{os.getppid()}/mem', 'rb')",
    "the open files of its parent": "works(os.listdir, f'/proc/{os.getppid()}/fd')",
    "who is killed first": "works(open, f'/proc/{os.getppid()}/oom_score_adj', 'w')",
}
FOR_ROOT = {
    "a mount": "in_child(lambda: libc.unshare(0x20000) or libc.mount(b'none', b'/tmp', b'tmpfs', 0, None))",
    "another root": "in_child(lambda: os.chroot('/') or 1)",
    "packets": "works(socket.socket, socket.AF_PACKET, socket.SOCK_RAW)",
    "another user": "in_child(lambda: os.setuid(1) or 1)",
    "a host name": "works(open, '/proc/sys/kernel/hostname', 'w')",
    "more processes": "in_child(lambda: resource.setrlimit(resource.RLIMIT_NPROC, (60_000, 60_000)) or 1)",
}
# Not every kernel has them, so that they may fail outside as well.
NOWHERE = {
    "vsock": "works(socket.socket, 40, socket.SOCK_STREAM)",
    "the kernel's ciphers": "works(socket.socket, 38, socket.SOCK_SEQPACKET)",
    "a user namespace": "in_child(lambda: libc.unshare(0x10000000))",
    "a user namespace by clone": "in_child(lambda: libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0))",
    "a user namespace by clone3": "reaches_the_kernel(435, 0, 0)",
    "io_uring": "reaches_the_kernel(NUMBERS['io_uring_setup'], 1, 0)",
    "faults of its own": "reaches_the_kernel(NUMBERS['userfaultfd'], 0)",
    "secret memory": "reaches_the_kernel(NUMBERS['memfd_secret'], 0)",
    "calls that libseccomp has no name for": "any(reaches_the_kernel(n, 0, 0, 0, 0, 0) for n in range(453, 1000))",
    "calls of the other numbering": "reaches_the_kernel(0x40000000 + 41, 1, 1, 0)",
    "a bus": "bool(glob.glob('/run/**') + glob.glob('/var/run/**'))",
}


@pytest.mark.parametrize("attack", REACH)
def test_nobody_is_reached(attack, trusted, confined, canary):
    assert canary in trusted.tell(REACH[attack])
    assert canary not in confined.tell(REACH[attack])


@pytest.mark.parametrize("attack", WORK)
def test_it_is_refused(attack, trusted, confined):
    assert trusted.tell(WORK[attack]) == "True"
    assert confined.tell(WORK[attack]) == "False"


@pytest.mark.parametrize("attack", FOR_ROOT)
def test_what_root_may_do_is_refused(attack, trusted, confined, request):
    assert confined.tell(FOR_ROOT[attack]) == "False"
    if trusted.tell("os.getuid()") == "0":
        assert trusted.tell(FOR_ROOT[attack]) == "True"


@pytest.mark.parametrize("attack", NOWHERE)
def test_what_only_some_kernels_have_is_refused_on_all(attack, confined):
    assert confined.tell(NOWHERE[attack]) == "False"


@pytest.mark.parametrize("signal", ["SIGKILL", "SIGSTOP", "SIGTERM", "SIGINT", "SIGSEGV"])
def test_the_first_process_of_a_sandbox_hears_no_signal_from_inside(signal, confined):
    told = f"signal.signal(signal.SIGINT, signal.SIG_IGN)\nos.kill(1, signal.{signal}); time.sleep(0.1); 'still here'"

    assert confined.tell(told) == "still here"


def test_a_program_of_another_architecture_dies_of_its_first_call(confined):
    """The 32-bit numbers mean other calls than those that the filter refuses by number."""
    attack = """
code = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7)
code.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")  # mov eax, 20 (getpid); int 0x80; ret
child = os.fork()
if child == 0:
    os._exit(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))() & 1 | 2)
os.WIFSIGNALED(os.waitpid(child, 0)[1])
"""
    assert confined.tell(attack) == "True"


def test_no_right_is_left_and_none_can_be_got(confined):
    status = "dict(line.split(':', 1) for line in open('/proc/self/status').read().splitlines())"
    names = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")

    assert confined.tell(f"status = {status}\n[int(status[name], 16) for name in {names}]") == "[0, 0, 0, 0, 0]"
    assert confined.tell(f"status = {status}\nstatus['NoNewPrivs'].strip(), status['Seccomp'].strip()") == "('1', '2')"
    assert confined.tell("works(lambda: os.setuid(0) or 1), works(lambda: os.setgroups([0]) or 1)") == "(False, False)"

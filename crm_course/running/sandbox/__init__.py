"""Notebooks run in processes forked from a warm one, and submissions in a sandbox.

A :class:`Slot` holds a *zygote*: a process that has imported what the course needs, in bubblewrap. For each notebook
it forks a process into namespaces of its own (user, processes, mounts, ipc), with a working directory in memory, no
network, few system calls and limits. Cells go in through one pipe, messages come out through another, and the
supervisor counts every byte. Nothing secret is inside; what comes out is data.

Where the kernel has them there are two walls more: Landlock closes files, TCP and signals a second time, and cgroups
count memory and processes in the kernel, exactly. ``Slot.lacks`` says which of them a machine has not.

IPython runs in the forked process itself, without a kernel. It behaves as ipykernel does, held to that by
``tests/running/sandbox/test_like_ipykernel.py`` over 94 cells, but for this:

================================  ================================================  ============================
cell                              in a slot                                         in ipykernel under nbclient
================================  ================================================  ============================
input is asked for                an error that says why                            an error about the frontend
a password is asked for           an error that says why                            an error about the frontend
streams, displays and the value   stdout and stderr in the order of writing         one after the other
a task cannot go on during ...    its text is shown when the cell ends              its text is lost
no such magic                     a line of stderr, and an error                    a line of stderr
no such cell magic                a line of stderr, and an error                    a line of stderr
an error from an error            the line of each                                  the last line, for both
a group of errors                 printed on stderr, and an error                   printed on stderr
an error without words            the error, and the one of making its words        the second, twice
bytes                             ``sys.stdout.buffer`` takes them                  there is none
a lone surrogate                  a question mark                                   the text is lost
NaN as JSON                       null                                              the text "nan", and a warning
a progress bar                    a bar of text                                     a warning about ipywidgets, too
arguments                         ``sys.argv`` has two words                        four
exit                              said on stderr; the run ended: kernel died        nothing is said
================================  ================================================  ============================

Beside that, tracebacks are coloured otherwise, and widgets have nobody to talk to.
"""

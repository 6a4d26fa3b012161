"""Signals outside an operation: what SIGINT, SIGTERM and SIGHUP do to a command.

While modules are imported, Ctrl-C ends the process, where Python would show a traceback or lose it.
"""

TYPE_CHECKING = False  # as in typing
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # signal itself makes enumerations of it, which costs a millisecond


def terminate_on_sigint() -> None:
    """Have SIGINT end the process, unless the caller has a handler of its own."""
    _exchange(signal.default_int_handler, signal.SIG_DFL)


def restore_sigint() -> None:
    """Have SIGINT raise KeyboardInterrupt again, where :func:`terminate_on_sigint` changed it."""
    _exchange(signal.SIG_DFL, signal.default_int_handler)


def raise_on_termination() -> None:
    """Have SIGTERM and SIGHUP raise :class:`Terminated`, where they would end the process.

    So that a fan-out ends its remote processes as it does at Ctrl-C. nohup's choice is respected.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            try:
                signal.signal(number, _terminated)
            except ValueError:
                return  # not the main thread


def restore_termination() -> None:
    """Have SIGTERM and SIGHUP end the process again, where :func:`raise_on_termination` changed it."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is _terminated:
            signal.signal(number, signal.SIG_DFL)


def _terminated(_: int, __: object) -> None:
    from stentor.errors import Terminated

    raise Terminated


def _exchange(before: object, after: "signal._HANDLER") -> None:
    if signal.getsignal(signal.SIGINT) == before:
        try:
            signal.signal(signal.SIGINT, after)
        except ValueError:
            return  # not the main thread: signals belong to another part of the program

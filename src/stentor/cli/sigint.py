"""Ctrl-C while modules are imported: it ends the process, where Python would show a traceback or lose it."""

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


def _exchange(before: object, after: "signal._HANDLER") -> None:
    if signal.getsignal(signal.SIGINT) == before:
        try:
            signal.signal(signal.SIGINT, after)
        except ValueError:
            return  # not the main thread: signals belong to another part of the program

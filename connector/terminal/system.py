"""On which systems the program runs: Linux and macOS.

Files that are private to a user, locks, signals that end a run between two writes, and
streams that nobody reads are what the promises rest on; Windows has none of them in the
same form, and nothing here was ever tried there.
"""


def unsupported(platform: str) -> str:
    """Return why the program does not run on a system (``sys.platform``); "": it does.

    Cygwin calls itself by its own name, and is Windows all the same.
    """
    if not platform.startswith(("win32", "cygwin", "msys")):
        return ""
    return (
        "this program runs on Linux and macOS, not on Windows itself: its locks, "
        "signals and private files are those of a Unix. Nothing was read or written. "
        "Use the Windows Subsystem for Linux (wsl --install), a container "
        "(deploy/Dockerfile), or a Linux machine"
    )

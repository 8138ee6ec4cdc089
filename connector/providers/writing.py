"""The client that can also write. A report never imports this module."""

from collections.abc import Callable

from connector.providers.http import Access, ReadOnly
from mappings.wire import Json


class ReadWrite(ReadOnly):
    """A client that can look and write; a write is never repeated blindly.

    ``fence`` is asked right before every write leaves, repeated ones too: a run that
    was paused, by the system or by a Retry-After, may no longer hold the pair.
    """

    methods = frozenset({"GET", "POST", "PUT", "DELETE"})

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self.fence: Callable[[], None] = lambda: None

    def _allow(self, method: str) -> None:
        if method != "GET":
            self.fence()

    def post(self, path: str, body: Json) -> Json:
        """Send a POST; Uncertain where it may have arrived."""
        return self._repeated("POST", path, params=None, body=body)

    def put(self, path: str, body: Json) -> Json:
        """Send a PUT; Uncertain where it may have arrived."""
        return self._repeated("PUT", path, params=None, body=body)

    def delete(self, path: str, body: Json = None) -> Json:
        """Send a DELETE, with a JSON body where Partnero wants one."""
        return self._repeated("DELETE", path, params=None, body=body)

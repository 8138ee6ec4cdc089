"""The client that can also write. A report never imports this module."""

from collections.abc import Callable, Mapping

from connector.providers.http import Access, ReadOnly
from connector.providers.leaving import Watch, watching
from mappings.wire import Json


class ReadWrite(ReadOnly):
    """A client that can look and write; a write is never repeated blindly.

    ``fence`` is asked before every write, repeated ones too, and once more when its
    bytes leave: a run that was paused, by the system or by a Retry-After, may no longer
    hold the pair.
    """

    methods = frozenset({"GET", "POST", "PUT", "DELETE"})

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self.fence: Callable[[], None] = lambda: None

    def _allow(self, method: str) -> None:
        if method != "GET":
            self.fence()

    def _watch(self, method: str) -> Mapping[str, Watch]:
        return {} if method == "GET" else {"trace": watching(self.fence)}

    def post(self, path: str, body: Json) -> Json:
        """Send a POST; Uncertain where it may have arrived."""
        return self._repeated("POST", path, params=None, body=body)

    def put(self, path: str, body: Json) -> Json:
        """Send a PUT; Uncertain where it may have arrived."""
        return self._repeated("PUT", path, params=None, body=body)

    def delete(self, path: str, body: Json = None) -> Json:
        """Send a DELETE, with a JSON body where Partnero wants one."""
        return self._repeated("DELETE", path, params=None, body=body)

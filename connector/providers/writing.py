"""The client that can also write. A report never imports this module."""

from connector.providers.http import ReadOnly
from mappings.wire import Json


class ReadWrite(ReadOnly):
    """A client that can look and write; a write is never repeated blindly."""

    methods = frozenset({"GET", "POST", "PUT", "DELETE"})

    def post(self, path: str, body: Json) -> Json:
        """Send a POST; Uncertain where it may have arrived."""
        return self._repeated("POST", path, params=None, body=body)

    def put(self, path: str, body: Json) -> Json:
        """Send a PUT; Uncertain where it may have arrived."""
        return self._repeated("PUT", path, params=None, body=body)

    def delete(self, path: str, body: Json = None) -> Json:
        """Send a DELETE, with a JSON body where Partnero wants one."""
        return self._repeated("DELETE", path, params=None, body=body)

"""What can go wrong in the store."""

from __future__ import annotations


class StoreError(Exception):
    """The database cannot do that."""

    code = "store.failed"

    def __init__(self, detail: str = "") -> None:
        # What a driver says names hosts and processes; it stays with the exception's cause.
        super().__init__(detail or (type(self).__doc__ or "").strip())


class NotFoundError(StoreError):
    """There is no such thing, or it is not yours to see."""

    code = "request.not_found"


class TakenError(StoreError):
    """That name is taken."""

    code = "request.taken"


class UnavailableError(StoreError):
    """The database does not answer; nothing was released."""

    code = "store.unavailable"

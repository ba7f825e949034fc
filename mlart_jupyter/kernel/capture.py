"""Sees every display once: three wrappers in the instances' own ``__dict__``, taken out with ``del``.

`format` lays a weak reference to the object into the bundle that it returns; the bundle travels to
`publish` or `write_format_data`, which take the reference out and add our metadata. So the other
callers of `format` (the debugger, ``user_expressions``) never arrive. Objects that publish themselves
in ``_ipython_display_`` are told by a context variable.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

Seen = Callable[[Any, Mapping[str, Any], bool, "str | None"], "dict[str, Any] | None"]
"""Called with the object (None if it is not known), its bundle, whether it is the value of the cell's
last expression, and the id of its display if it has one; returns ``metadata.mlart``."""

_formatting: ContextVar[Any] = ContextVar("mlart_formatting", default=None)


class Carrier(dict[str, Any]):
    """A MIME bundle that knows, weakly, what it shows; and its metadata, as a picture's size on the screen."""

    source: Callable[[], Any] | None = None
    metadata: Mapping[str, Any]


def _carry(bundle: dict[str, Any], obj: Any, metadata: Mapping[str, Any]) -> Carrier:
    carrier = Carrier(bundle)
    carrier.metadata = metadata
    try:
        carrier.source = weakref.ref(obj)
    except TypeError:  # an int, a list: nothing that is kept by type
        carrier.source = None
    return carrier


def _take(bundle: Any) -> Any:
    """The object a bundle shows; the reference is dropped, history may keep the bundle."""
    source = getattr(bundle, "source", None)
    if source is None:
        return _formatting.get()
    bundle.source = None
    return source()


class Capture:
    """The wrappers of one shell: three for what is shown, one for ``clear_output``.

    Parameters
    ----------
    seen, cleared
        Must be total: nothing may be raised into a cell.
    """

    def __init__(self, shell: Any, seen: Seen, cleared: Callable[[], None] = lambda: None) -> None:
        self._seen = seen
        self._cleared = cleared
        self._wrapped: list[tuple[Any, str, Any]] = []
        self._shell = shell
        self.dormant = True

    def install(self) -> None:
        """Begin to see displays."""
        self.dormant = False
        self._wrap(self._shell.display_formatter, "format", self._format)
        self._wrap(self._shell.display_pub, "publish", self._publish)
        self._wrap(self._shell.displayhook, "write_format_data", self._write_format_data)
        self._wrap(self._shell.display_pub, "clear_output", self._clear_output)

    def uninstall(self) -> None:
        """Leave the shell as it was; a wrapper that another tool has wrapped stays, dormant."""
        self.dormant = True
        for instance, name, wrapper in self._wrapped:
            if vars(instance).get(name) is wrapper:
                del vars(instance)[name]
        self._wrapped.clear()

    def _wrap(self, instance: Any, name: str, make: Callable[[Any], Any]) -> None:
        before = vars(instance).get(name)
        wrapper = make(getattr(instance, name)) if before is None else make(before)
        vars(instance)[name] = wrapper
        if before is None:
            self._wrapped.append((instance, name, wrapper))

    def _format(self, original: Any) -> Any:
        def format(obj: Any, include: Any = None, exclude: Any = None) -> Any:
            if self.dormant:
                return original(obj, include=include, exclude=exclude)
            token = _formatting.set(obj)
            try:
                bundle, metadata = original(obj, include=include, exclude=exclude)
            finally:
                _formatting.reset(token)
            return (_carry(bundle, obj, metadata) if bundle else bundle), metadata

        return format

    def _publish(self, original: Any) -> Any:
        def publish(data: Any, metadata: Any = None, *args: Any, **kwargs: Any) -> Any:
            display_id = (kwargs.get("transient") or {}).get("display_id")
            marked = self._marked(data, metadata, is_result=False, display_id=display_id)
            return original(data, marked, *args, **kwargs)

        return publish

    def _clear_output(self, original: Any) -> Any:
        def clear_output(*args: Any, **kwargs: Any) -> Any:
            if not self.dormant:
                self._cleared()
            return original(*args, **kwargs)

        return clear_output

    def _write_format_data(self, original: Any) -> Any:
        def write_format_data(format_dict: Any, md_dict: Any = None) -> Any:
            return original(format_dict, self._marked(format_dict, md_dict, is_result=True))

        return write_format_data

    def _marked(self, bundle: Any, metadata: Any, *, is_result: bool, display_id: str | None = None) -> Any:
        """The metadata with our mark, copied; untouched when there is none."""
        if self.dormant:
            return metadata
        mark = self._seen(_take(bundle), bundle, is_result, display_id)
        return metadata if mark is None else {**(metadata or {}), "mlart": mark}

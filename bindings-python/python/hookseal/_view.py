"""Views of the frameworks: functions, and methods of classes."""

import inspect
from collections.abc import Callable
from contextlib import suppress
from types import FunctionType
from typing import Any


def is_method(view: Any) -> bool:
    """Whether it is a function that a class will bind, so that its first argument is the object.

    A function that wraps a bound method has the names of that method.
    """
    parent = getattr(view, "__qualname__", "").rpartition(".")[0]
    if not parent or parent.endswith("<locals>"):
        return False
    while isinstance(view, FunctionType):
        wrapped = getattr(view, "__wrapped__", None)
        if wrapped is None:
            return True
        view = wrapped
    return False


def publish(checked: Callable[..., Any], view: Callable[..., Any], position: int) -> None:
    """Gives the adapter's function the signature of the view without the argument at `position`, which it injects.

    Annotations that are texts are resolved: whoever reads the signature would look for them in the adapter's module.
    """
    signature = signature_of(view)
    if signature is None:
        return
    parameters = list(signature.parameters.values())
    if position < len(parameters) and parameters[position].kind <= inspect.Parameter.POSITIONAL_OR_KEYWORD:
        del parameters[position]
    set_signature(checked, signature.replace(parameters=parameters))


def signature_of(view: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(view, eval_str=True)
    except Exception:
        # A name in an annotation may be defined later.
        with suppress(TypeError, ValueError):
            return inspect.signature(view)
    return None


def set_signature(checked: Any, signature: inspect.Signature) -> None:
    checked.__signature__ = signature
    annotations = {
        name: each.annotation
        for name, each in signature.parameters.items()
        if each.annotation is not inspect.Parameter.empty
    }
    if signature.return_annotation is not inspect.Signature.empty:
        annotations["return"] = signature.return_annotation
    checked.__annotations__ = annotations

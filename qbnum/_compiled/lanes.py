"""Eight doubles at once: half a panel's nodes as one value of compiled code.

`Lanes` values support + - * /, unary -, comparisons, and mix with scalars; they become the
processor's vectors, however wide these are. Fused multiply-adds are allowed, nothing else is
relaxed. May import: llvmlite, numba.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

WIDTH = 8
_DOUBLES = ir.VectorType(ir.DoubleType(), WIDTH)
_INTS = ir.VectorType(ir.IntType(64), WIDTH)
_FLAGS = ("contract",)
_INDEX = ir.IntType(32)


class _LanesType(types.Type):
    def __init__(self) -> None:
        super().__init__(name="Lanes")


class _ChoiceType(types.Type):
    def __init__(self) -> None:
        super().__init__(name="Choice")


LANES = _LanesType()
CHOICE = _ChoiceType()


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _DOUBLES)


@register_model(_ChoiceType)
class _ChoiceModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.VectorType(ir.IntType(1), WIDTH))


def _spread(builder: Any, value: Any) -> Any:
    """Return a scalar in every lane; a vector as it is."""
    if isinstance(value.type, ir.VectorType):
        return value
    one = builder.insert_element(ir.Constant(_DOUBLES, ir.Undefined), value, _INDEX(0))
    zeros = ir.Constant(ir.VectorType(_INDEX, WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(one, ir.Constant(_DOUBLES, ir.Undefined), zeros)


_PAIRS = [(LANES, LANES), (LANES, types.float64), (types.float64, LANES)]


def _register(op: Any, result: Any, build: Callable[[Any, Any, Any], Any]) -> None:
    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return build(builder, *(_spread(builder, arg) for arg in args))

    class Template(ConcreteTemplate):
        key = op
        cases = [signature(result, *pair) for pair in _PAIRS]  # noqa: RUF012

    infer_global(op)(Template)
    for pair in _PAIRS:
        lower_builtin(op, *pair)(lower)


_register(operator.add, LANES, lambda b, x, y: b.fadd(x, y, flags=_FLAGS))
_register(operator.sub, LANES, lambda b, x, y: b.fsub(x, y, flags=_FLAGS))
_register(operator.mul, LANES, lambda b, x, y: b.fmul(x, y, flags=_FLAGS))
_register(operator.truediv, LANES, lambda b, x, y: b.fdiv(x, y, flags=_FLAGS))
_register(operator.lt, CHOICE, lambda b, x, y: b.fcmp_ordered("<", x, y))
_register(operator.le, CHOICE, lambda b, x, y: b.fcmp_ordered("<=", x, y))
_register(operator.gt, CHOICE, lambda b, x, y: b.fcmp_ordered(">", x, y))
_register(operator.ge, CHOICE, lambda b, x, y: b.fcmp_ordered(">=", x, y))
_register(operator.eq, CHOICE, lambda b, x, y: b.fcmp_ordered("==", x, y))


@infer_global(operator.neg)
class _Negative(ConcreteTemplate):
    key = operator.neg
    cases = [signature(LANES, LANES)]  # noqa: RUF012


@lower_builtin(operator.neg, LANES)
def _negative(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.fneg(args[0])


def _choices(op: Any, build: Callable[[Any, Any, Any], Any]) -> None:
    class Template(ConcreteTemplate):
        key = op
        cases = [signature(CHOICE, CHOICE, CHOICE)]  # noqa: RUF012

    infer_global(op)(Template)
    lower_builtin(op, CHOICE, CHOICE)(lambda context, b, sig, args: build(b, *args))


_choices(operator.and_, lambda b, x, y: b.and_(x, y))
_choices(operator.or_, lambda b, x, y: b.or_(x, y))


def _unary(name: str) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = ir.FunctionType(_DOUBLES, [_DOUBLES])
        function = cgutils.get_or_insert_function(builder.module, kind, f"{name}.v{WIDTH}f64")
        return builder.call(function, args)

    def typed(typing: Any, x: Any) -> Any:
        return types_of(x), build

    def types_of(x: Any) -> Any:
        return LANES(LANES)

    typed.__name__ = typed.__qualname__ = name.replace(".", "_")
    return intrinsic(typed)


absolute = _unary("llvm.fabs")
"""|x| of every lane."""
root = _unary("llvm.sqrt")
"""The square root of every lane."""


@intrinsic
def spread(typing: Any, x: Any) -> Any:
    """Return a scalar in every lane."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _spread(builder, args[0])

    return LANES(types.float64), build


@intrinsic
def product(typing: Any, x: Any, y: Any) -> Any:
    """Return x y rounded, not fused with what it is added to."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.fmul(*(_spread(builder, arg) for arg in args))

    return LANES(x, y), build


@intrinsic
def where(typing: Any, choice: Any, x: Any, y: Any) -> Any:
    """Return x in the lanes where the comparison holds, else y."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.select(args[0], *(_spread(builder, arg) for arg in args[1:]))

    return LANES(CHOICE, x, y), build


@intrinsic
def any_of(typing: Any, choice: Any) -> Any:
    """Return whether the comparison holds in some lane."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], ir.IntType(WIDTH))
        return builder.icmp_unsigned("!=", bits, ir.Constant(ir.IntType(WIDTH), 0))

    return types.boolean(CHOICE), build


def _pointer(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    from numba.np.arrayobj import make_array

    array = make_array(sig.args[0])(context, builder, args[0])
    return builder.bitcast(builder.gep(array.data, [args[1]]), _DOUBLES.as_pointer())


@intrinsic
def load(typing: Any, array: Any, at: Any) -> Any:
    """Return array[at : at + 8] of a contiguous vector; nothing is checked."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_pointer(context, builder, sig, args), align=8)

    return LANES(array, types.intp), build


@intrinsic
def store(typing: Any, array: Any, at: Any, value: Any) -> Any:
    """Set array[at : at + 8] of a contiguous vector; nothing is checked."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store(args[2], _pointer(context, builder, sig, args), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, LANES), build


@intrinsic
def constant(typing: Any, values: Any) -> Any:
    """Return a tuple of eight numbers as lanes."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        made = ir.Constant(_DOUBLES, ir.Undefined)
        for k in range(WIDTH):
            made = builder.insert_element(made, builder.extract_value(args[0], k), _INDEX(k))
        return made

    return LANES(values), build


def _folded(builder: Any, value: Any, join: Callable[[Any, Any], Any]) -> Any:
    """Return the lanes joined pairwise: halves onto halves."""
    width = WIDTH
    while width > 1:
        width //= 2
        low, high = (
            builder.shuffle_vector(
                value, value, ir.Constant(ir.VectorType(_INDEX, width), list(part))
            )
            for part in (range(width), range(width, 2 * width))
        )
        value = join(low, high)
    return builder.extract_element(value, _INDEX(0))


@intrinsic
def total(typing: Any, x: Any) -> Any:
    """Return the sum of the lanes."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _folded(builder, args[0], lambda a, b: builder.fadd(a, b))

    return types.float64(LANES), build


@intrinsic
def largest(typing: Any, x: Any) -> Any:
    """Return the largest lane; NaN is passed over."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        def join(a: Any, b: Any) -> Any:
            return builder.select(builder.fcmp_ordered(">", a, b), a, b)

        return _folded(builder, args[0], join)

    return types.float64(LANES), build


@intrinsic
def power_of_two(typing: Any, shifted: Any) -> Any:
    """Return 2^k, given k + 1.5 2^52, for -1023 < k < 1024."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bits = builder.shl(builder.bitcast(args[0], _INTS), _all(52))
        return builder.bitcast(builder.add(bits, _all(_ONE_BITS)), _DOUBLES)

    return LANES(LANES), build


@intrinsic
def split(typing: Any, z: Any) -> Any:
    """Return k and m with z = 2^k m, m in [sqrt(1/2), sqrt 2), of positive normal numbers."""

    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        apart = builder.add(builder.bitcast(args[0], _INTS), _all(_ONE_BITS - _ROOT_HALF_BITS))
        k = builder.or_(builder.lshr(apart, _all(52)), _all(_BIG_BITS))
        k = builder.fsub(builder.bitcast(k, _DOUBLES), _spread(builder, ir.DoubleType()(_BIG)))
        m = builder.add(builder.and_(apart, _all(_MANTISSA)), _all(_ROOT_HALF_BITS))
        return context.make_tuple(builder, sig.return_type, [k, builder.bitcast(m, _DOUBLES)])

    return types.UniTuple(LANES, 2)(LANES), build


def _all(value: int) -> Any:
    return ir.Constant(_INTS, [value] * WIDTH)


_ONE_BITS = 0x3FF0000000000000
_ROOT_HALF_BITS = 0x3FE6A09E667F3BCD
_MANTISSA = 0x000FFFFFFFFFFFFF
_BIG_BITS = 0x4330000000000000  # of 2^52: an integer below it stands in the lowest bits
_BIG = 4503599627370496.0 + 1023.0

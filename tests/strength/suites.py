"""Which modules are mutated, and which tests judge their mutants."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Suite:
    """Test files or tests: those that every mutant meets, and those for what they let through."""

    quick: tuple[str, ...]
    others: tuple[str, ...]


TABLE = "tests/qbnum/test_reference_table_values.py"
CERTIFIED = "tests/validation/test_reference_table_values.py"


def _tests(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/{name}.py" for name in names)


INTEGRATION = Suite(
    (TABLE,),
    _tests(
        *("qbnum/test_doubledouble", "qbnum/test_panels", "qbnum/test_steady_state"),
        *("qbnum/test_bound_states", "qbnum/test_identities"),
    ),
)
"""For what is integrated, and where the nodes are."""

RESULT = Suite(
    (TABLE,),
    _tests(
        *("qbnum/test_steady_state", "qbnum/test_bound_states", "qbnum/test_display"),
        "qbnum/test_conversions",
    ),
)
"""For what becomes of the integrals."""

SUITES: dict[str, Suite] = {
    "qbnum.spectral": Suite((TABLE,), _tests("qbnum/test_spectral")),
    "qbnum.bound": Suite((TABLE,), _tests("qbnum/test_bound_states")),
    "qbnum.model": Suite((TABLE,), _tests("qbnum/test_model", "qbnum/test_display")),
    "qbnum._rule": Suite((TABLE,), _tests("qbnum/test_rule")),
    **{f"qbnum.{name}": RESULT for name in ("observables", "state", "steady_state")},
    **{
        f"qbnum.{name}": INTEGRATION
        for name in (
            *("_statistics", "_spectrum", "_centre", "_poles", "_singularities", "_panels"),
            *("_fronts", "_adaptive", "_integrate", "_ordinary", "_subtle", "_careful", "_sums"),
            *("_geometry", "_nodes", "_results", "_doubledouble"),
        )
    },
    **{
        f"qbsym.{name}": Suite(_tests(f"qbsym/{test}"), (CERTIFIED,))
        for name, test in (
            ("greens", "test_green_functions"),
            ("observables", "test_observable_integrands"),
            ("functions", "test_lambdify"),
            ("poles", "test_bound_states_of_equal_leads"),
            ("edge_variable", "test_edge_variable"),
            ("matsubara", "test_closed_forms"),
            ("printed", "test_errata"),
        )
    },
    **{
        f"validation.backends.{name}": Suite(
            (CERTIFIED,),
            _tests("validation/test_certified_reference", "validation/test_bound_state_reference"),
        )
        for name in ("arb_assembly", "arb_backend", "arb_bound", "arb_pieces", "arb_rule", "balls")
    },
    **{
        f"validation.backends.{name}": Suite(
            (CERTIFIED,), _tests("validation/test_bound_state_reference")
        )
        for name in ("bands", "bound", "features", "zeros")
    },
    **{
        f"validation.backends.{name}": Suite(
            ("tests/validation/test_reference_quadrature.py",),
            (
                "tests/validation/test_reference_table.py"
                "::test_shipped_values_come_out_again_from_the_mpmath_backend",
            ),
        )
        for name in ("quadrature", "rules", "assembly", "mpmath_backend")
    },
}

"""Which modules are mutated, and which tests judge their mutants.

Of `qbnum` all but machine code, of `qbsym` the core, and the reference. Machine code
(`qbnum._compiled`) would be compiled anew for each mutant, a minute each; `test_compiled` holds it
against the code that is mutated here. The statements of derivations and limits are themselves
checks.
"""

from __future__ import annotations

from collections.abc import Iterable
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


def _of(file: str, *names: str) -> tuple[str, ...]:
    """Return single tests of a file of which the whole would take too long."""
    return tuple(f"tests/{file}.py::test_{name}" for name in names)


def _each(package: str, names: Iterable[str], suite: Suite) -> dict[str, Suite]:
    return {f"{package}.{name}": suite for name in names}


INTEGRATION = Suite(
    (TABLE,),
    _tests(
        *("qbnum/test_doubledouble", "qbnum/test_panels", "qbnum/test_steady_state"),
        *("qbnum/test_bound_states", "qbnum/test_parts", "qbnum/test_ways"),
        "qbnum/test_identities",
    ),
)
"""For what is integrated, and where the nodes are."""

RESULT = Suite(
    (TABLE,),
    _tests(
        *("qbnum/test_steady_state", "qbnum/test_bound_states", "qbnum/test_display"),
        *("qbnum/test_conversions", "qbnum/test_model"),
    ),
)
"""For what becomes of the integrals."""

DERIVATIVES = Suite(
    _of(
        "qbnum/test_gradients",
        "every_derivative_of_a_case_is_within_its_estimate_of_the_reference",
        "well_conditioned_derivatives_keep_thirteen_digits",
        "derivatives_are_what_differences_tend_to",
        "the_other_two_state_reference_is_differentiated_too",
        "exclude_gives_the_derivatives_of_the_band_part",
        "each_bound_state_keeps_the_occupation_that_it_was_given",
        "what_needs_an_occupation_is_refused_masked_or_absent",
        "combined_parameters_are_sums_of_their_fields",
        "what_does_not_depend_on_a_parameter_has_the_derivative_zero",
        "there_is_no_derivative_where_a_bound_state_appears",
        "keys_are_checked",
    ),
    _of(
        "qbnum/test_gradients",
        "observables_scale_with_energies_and_count_what_a_shift_moves",
        "exchanging_the_leads_exchanges_their_derivatives",
        "shapes_are_the_junctions_and_neighbours_do_not_matter",
    ),
)

FILES = _of(
    "qbnum/test_sweeps_file",
    "a_file_gives_back_values_units_and_attributes",
    "xarray_s_own_methods_write_every_sweep",
    "a_csv_file_has_a_line_a_point_and_the_same_doubles",
    "an_interrupted_sweep_goes_on_and_ends_the_same",
    "a_finished_sweep_is_not_computed_again",
    "other_settings_do_not_go_on_with_what_was_begun",
    "a_finished_file_is_replaced_only_if_asked",
    "a_foreign_file_is_left_alone",
    "a_file_that_cannot_be_is_refused_at_once",
    "an_error_after_the_values_leaves_the_finished_file",
    "room_for_the_values_is_taken_before_they_are_computed",
)

BLOCKS = _of(
    "qbnum/test_sweeps_run",
    "results_do_not_depend_on_the_blocks",
    "threads_give_the_same_and_need_no_processes",
    "every_point_is_in_one_block_and_every_worker_gets_several",
    "progress_counts_points_up_to_all_of_them",
    "a_bar_is_shown_on_stderr_if_asked_for",
    "bad_chunks_are_refused",
)

LAZY = _of(
    "qbnum/test_sweeps_run",
    "lazy_chunks_give_the_same_and_compute_nothing_before",
    "a_chunk_is_computed_once_for_all_observables",
    "lazy_sweeps_mask_what_is_not_resolved_and_occupy_what_is_bound",
    "bad_chunks_are_refused",
)

SEARCHES = Suite(
    _of(
        "qbnum/test_optimize",
        "the_exergy_at_the_papers_bias_is_largest_below_the_bias",
        "a_bracketing_search_finds_the_same_maximum",
        "the_gradient_of_a_quotient_is_the_slope_of_its_values",
        "an_interior_maximum_of_a_quotient_is_stationary",
        "a_quotient_that_is_largest_at_equilibrium_is_only_approached",
        "the_least_exergy_is_none_at_equilibrium",
        "an_objective_that_rises_into_the_undefined_is_not_attained",
        "a_junctions_own_reservoirs_stay_where_they_are",
        "bad_searches_are_refused_with_a_reason",
    ),
    _of(
        "qbnum/test_optimize",
        "equilibrium_entropy_of_a_weakly_coupled_level_is_largest_at_mu_eq",
        "the_exergy_rises_with_the_bias_up_to_its_bound",
        "the_search_on_scattered_points_finds_the_couplings_that_are_best",
        "in_the_protocol_the_reservoirs_follow_the_equilibrium",
        "junctions_with_bound_states_are_left_out_and_counted",
        "quotients_without_a_maximum_are_refused",
        "the_same_search_twice_gives_the_same_bits",
    )
    + _of("qbnum/test_space", "a_search_says_what_it_does"),
)

DERIVATION = (
    "tests/qbsym/test_derivations.py"
    "::test_every_step_of_the_derivation_holds_and_no_identity_rests_on_numbers_alone"
)

GREEN = (
    *("surface_green_function", "dispersion", "self_energy", "broadening", "spectral_function"),
    "transmission_bound",
)

PROOFS = (
    f"{DERIVATION}[surface_green_function]",
    f"{DERIVATION}[green_function_upper_half_plane]",
    *_of(
        "qbsym/test_derivations",
        "true_identities_are_proven_by_algebra",
        "false_identities_are_found_out_by_algebra_and_by_numbers",
        "the_wrong_signs_of_the_paper_do_not_pass",
        "a_numeric_decision_says_that_it_is_one",
        "powers_of_a_root_are_replaced_by_its_square",
    ),
)

SUMS = _of(
    "qbsym/test_closed_forms",
    "every_sum_agrees_with_the_integral_in_double_precision",
    "equilibrium_sums_hold_for_bands_of_any_kind",
    "small_differences_keep_their_relative_digits",
    "a_lead_that_is_not_coupled_does_not_matter",
    "a_bound_state_in_a_gap_is_noticed",
    "temperatures_too_low_for_a_sum_are_refused",
    "nothing_flows_at_equilibrium",
    "sums_refuse_what_has_no_closed_form",
    "periodic_integrands_are_the_integrands_times_the_jacobian",
    "parity_in_k_is_as_stated",
)

LONG_SUMS = _of(
    "qbsym/test_closed_forms",
    "sums_agree_with_the_trapezoidal_rule_to_twenty_five_digits",
    "current_sums_agree_with_quadrature_to_twenty_digits",
    "sums_hold_from_low_to_high_temperature",
    "more_digits_do_not_change_the_digits_already_given",
)

CORNERS = (
    "tests/validation/test_certified_reference.py::test_every_corner_is_enclosed_to_thirty_digits"
)
CERTIFIED_MORE = (
    *(f"{CORNERS}[{slug}]" for slug in ("weak-gap", "unequal-hoppings", "disjoint-narrow-gap")),
    *_of(
        "validation/test_certified_reference",
        "the_two_state_exergy_of_a_half_filled_level_is_exactly_zero",
        "a_half_filled_level_off_the_symmetric_point_is_not_taken_for_it",
        "what_the_caps_do_not_reach_is_refused_with_the_digits_that_are_proven",
        "what_lies_below_all_doubles_is_not_pursued",
        "a_violated_sum_rule_is_reported_as_a_defect",
        "a_filling_that_may_be_zero_certifies_no_two_state_observable",
        "of_what_may_be_anything_no_bit_is_right",
        "half_filling_is_about_the_level_wherever_that_lies",
        "an_enclosures_scale_is_positive_whatever_the_values_sign",
        "no_current_flows_between_bands_that_do_not_overlap",
        "inputs_that_no_double_holds_are_enclosed_as_they_are",
    ),
)
BOUND = _of(
    "validation/test_bound_state_reference",
    "the_threshold_is_decided_exactly",
    "the_sign_at_an_edge_is_that_of_the_function_there",
    "between_disjoint_bands_there_is_one_state",
    "the_band_of_an_uncoupled_lead_hides_no_bound_state",
    "with_occupations_the_gaps_are_those_of_a_probability",
    "an_isolated_level_is_one_bound_state_of_weight_one",
)
MPMATH = (
    "tests/validation/test_reference_table.py"
    "::test_shipped_values_come_out_again_from_the_mpmath_backend"
)
OVERLAP = (
    "tests/validation/test_certified_reference.py"
    "::test_both_references_overlap_on_a_draw_of_every_regime"
)
CONVERGENCE = "tests/validation/test_reference_quadrature.py"

FAST_LAYER: dict[str, Suite] = {
    "qbnum": Suite(_tests("qbnum/test_model"), (TABLE, SEARCHES.quick[0])),
    "qbnum.spectral": Suite((TABLE,), _tests("qbnum/test_spectral")),
    "qbnum.bound": Suite((TABLE,), _tests("qbnum/test_bound_states", "qbnum/test_model")),
    "qbnum.model": Suite((TABLE,), _tests("qbnum/test_model", "qbnum/test_display")),
    "qbnum._rule": Suite((TABLE,), _tests("qbnum/test_rule", "qbnum/test_panels")),
    **_each("qbnum", ("observables", "state", "steady_state"), RESULT),
    **_each(
        "qbnum",
        (
            *("_statistics", "_spectrum", "_centre", "_poles", "_singularities", "_panels"),
            *("_fronts", "_adaptive", "_integrate", "_ordinary", "_subtle", "_careful", "_sums"),
            *("_geometry", "_nodes", "_results", "_doubledouble"),
        ),
        INTEGRATION,
    ),
    "qbnum.gradients": DERIVATIVES,
    **_each(
        "qbnum._derivatives",
        ("bound", "motion", "moved", "part", "rows", "states", "sums", "terms", "velocities"),
        DERIVATIVES,
    ),
    **_each(
        "qbnum._dual",
        ("arithmetic", "array", "elementwise", "functions", "indexing", "rules"),
        Suite(_tests("qbnum/test_dual"), DERIVATIVES.quick),
    ),
    "qbnum.optimize": SEARCHES,
    **_each("qbnum.optimize", ("objective", "search", "unbounded"), SEARCHES),
    "qbnum.optimize.space": Suite(_tests("qbnum/test_space"), SEARCHES.quick),
    "qbnum.sweeps": Suite(_tests("qbnum/test_sweeps"), FILES + LAZY),
    **_each(
        "qbnum.sweeps",
        ("dataset", "grid", "recipe"),
        Suite(_tests("qbnum/test_sweeps"), FILES),
    ),
    **_each("qbnum.sweeps", ("partial", "store"), Suite(FILES, BLOCKS)),
    "qbnum.sweeps.run": Suite(
        BLOCKS,
        _of(
            "qbnum/test_sweeps_run",
            "an_executor_of_the_caller_gives_the_same_and_stays_open",
            "no_thread_is_left_behind",
        )
        + FILES,
    ),
    "qbnum.sweeps.lazy": Suite(LAZY, _tests("qbnum/test_sweeps")),
    "qbnum._workers": Suite(
        _of(
            "qbnum/test_sweeps_run",
            "processes_give_the_same",
            "an_error_in_a_worker_is_raised_as_what_it_is",
            "an_interrupt_ends_the_processes_and_does_not_wait_for_their_blocks",
        ),
        _tests("qbnum/test_workers"),
    ),
    "qbnum._checks": Suite(
        _tests("qbnum/test_checks", "qbnum/test_model", "qbnum/test_spectral"),
        _tests("qbnum/test_sweeps", "qbnum/test_steady_state") + SEARCHES.quick[-1:],
    ),
    **_each(
        "qbnum",
        ("_conversions", "_pickling"),
        Suite(_tests("qbnum/test_conversions"), _tests("qbnum/test_display")),
    ),
    "qbnum._display": Suite(_tests("qbnum/test_display"), _tests("qbnum/test_conversions")),
}

CORE: dict[str, Suite] = {
    **{
        f"qbsym.{name}": Suite(_tests(*(f"qbsym/{test}" for test in quick)), (CERTIFIED,))
        for name, quick in (
            ("greens", ("test_green_functions",)),
            ("symbols", ("test_symbols", "test_green_functions")),
            ("observables", ("test_observable_integrands",)),
            ("functions", ("test_functions", "test_lambdify")),
            ("poles", ("test_bound_states_of_equal_leads",)),
            ("edge_variable", ("test_edge_variable",)),
            ("printed", ("test_errata",)),
        )
    },
    **_each("qbsym", ("matsubara", "periodic", "_matsubara_sums", "_matsubara_forms"),
            Suite(SUMS, LONG_SUMS)),
    **_each(
        "qbsym",
        ("callables", "_backend", "_mpmath", "_numpy", "_gmpy2", "_checks"),
        Suite(_tests("qbsym/test_lambdify"), _tests("qbsym/test_flint") + SUMS),
    ),
    "qbsym._flint": Suite(_tests("qbsym/test_flint"), (CERTIFIED,)),
    "qbsym.proofs": Suite(PROOFS, (f"{DERIVATION}[particle_hole]",)),
    "qbsym._catalogue_green": Suite(tuple(f"{DERIVATION}[{name}]" for name in GREEN), PROOFS),
    "qbsym.limits.core": Suite(
        _tests("qbsym/test_sommerfeld")
        + _of("qbsym/test_limits_catalogue", "a_path_off_the_rationals_is_refused"),
        _tests("validation/test_limit_orders"),
    ),
}  # fmt: skip

REFERENCE: dict[str, Suite] = {
    **_each(
        "validation.backends",
        ("arb_assembly", "arb_backend", "arb_pieces", "arb_rule", "balls"),
        Suite((CERTIFIED,), CERTIFIED_MORE),
    ),
    **_each(
        "validation.backends",
        ("arb_bound", "bands", "bound", "features", "zeros"),
        Suite((CERTIFIED,), (*BOUND, *CERTIFIED_MORE[:5], CONVERGENCE)),
    ),
    **_each(
        "validation.backends",
        ("quadrature", "rules", "assembly", "mpmath_backend"),
        Suite((CONVERGENCE, MPMATH), (f"{OVERLAP}[0]", f"{OVERLAP}[4]", *BOUND)),
    ),
}

SUITES: dict[str, Suite] = FAST_LAYER | CORE | REFERENCE

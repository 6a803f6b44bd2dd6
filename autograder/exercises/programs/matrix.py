"""Who must catch what: fault × instrument. Where nothing is said an instrument may do either."""

from __future__ import annotations

CORE = (
    "first_loss_is_plausible",
    "gradients_reach_everything",
    "memorises_one_batch",
    "steps_in_proportion",
)
EXTRAS = (
    "validation_leaves_no_trace",
    "same_picture_same_numbers",
    "parts_are_apart",
    "examples_do_not_mix",
)
MUST = {
    "first_loss_is_plausible": (
        "huge_first_weights", "pictures_not_scaled", "loss_summed", "zero_by_zero",
    ),
    "gradients_reach_everything": (
        "zero_first_weights", "tiny_first_weights", "dead_units", "detached",
    ),
    "memorises_one_batch": (
        "softmax_twice", "bottleneck", "pooled_away", "scores_meet_all_labels",
    ),
    "steps_in_proportion": (
        "rate_too_high", "schedule_per_batch", "gradients_thrown_away", "other_nets_parameters",
    ),
    "validation_leaves_no_trace": (
        "left_in_evaluation_mode", "trained_while_evaluated", "evaluated_in_training_mode",
    ),
    "same_picture_same_numbers": ("shuffled_apart", "scaled_twice", "scaled_by_itself"),
    "parts_are_apart": ("cut_from_sorted", "parts_overlap"),
    "examples_do_not_mix": ("flattened_across", "norm_of_any_batch"),
}  # fmt: skip
# No instrument sees these: pictures with their labels, code and a second count do.
BY_EYE = (
    "labels_slipped", "wraps_round", "turned_over", "no_activation", "batches_weigh_alike",
    "relu_on_logits", "same_draw", "gradients_pile_up",
)  # fmt: skip

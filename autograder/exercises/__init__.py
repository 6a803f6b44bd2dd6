"""The exercises of the course, one room a topic; each module says its NOTEBOOK.

The package is callable, because `autograder.exercises()` lists what lives here.
"""

import sys
import types

# The rooms in the order in which a learner meets them; a new one is entered here.
ROOMS = (
    "start",
    "gradients_questions", "gradients", "gradients_two_layer", "gradients_modules",
    "gradients_function", "gradients_graph",
    "activations_questions", "activations", "idle_units", "rectifiers", "elu",
    "learned_activations", "piecewise",
    "augmentation_questions", "splitting", "preprocessing", "augmentation", "augmentation_views",
    "augmentation_colour", "augmentation_affine",
    "initialization_questions", "initialization", "initialization_depth",
    "initialization_symmetry", "initialization_data",
    "regularization_questions", "losses", "penalties", "dropout", "averaging", "targets",
    "soft_targets",
    "batchnorm_questions", "batchnorm", "batchnorm_backward_stages", "batchnorm_backward",
    "batchnorm_images", "batchnorm_fold", "batchnorm_modes", "batchnorm_relatives",
    "optimizers_questions", "optimizers", "optimizers_adaptive", "optimizers_schedules",
    "optimizers_batches", "optimizers_training",
    "tuning_questions", "tuning_net", "tuning", "tuning_sampling", "tuning_search",
    "tuning_front", "tuning_log",
    "architectures_questions", "architectures", "architectures_field", "architectures_cost",
    "architectures_blocks", "architectures_nets", "architectures_branches", "architectures_vgg",
    "convolution_questions", "convolution", "convolution_backward", "convolution_pool",
    "convolution_net", "convolution_layouts",
    "fast_convolution_questions", "fast_convolution", "fast_convolution_strides",
    "fast_convolution_transforms", "fast_convolution_winograd", "fast_convolution_strassen",
    "fast_convolution_cost",
    "gpu_questions", "gpu", "gpu_timing", "gpu_loading", "gpu_memory",
    "precision_questions", "precision", "precision_scaling", "precision_fixed",
    "precision_binary", "precision_bits", "precision_dynamic",
    "parallel_questions", "parallel", "parallel_collectives", "parallel_async", "parallel_ddp",
    "transfer_questions", "transfer", "transfer_features", "transfer_head", "transfer_finetune",
    "transfer_pairs",
)  # fmt: skip


class _Course(types.ModuleType):
    def __call__(self, notebook=None):
        """All exercises with name, notebook and points, or those of one notebook."""
        from autograder.catalogue import exercises

        return exercises(notebook)


sys.modules[__name__].__class__ = _Course

# %% [markdown] name="title"
# # 99 · After the course
#
# A test of the questions of all notebooks, to be taken after the last notebook. Each question is one point.
#
# - Answer with a letter in quotes, `"b"`, or with a number, in the cell below the question.
# - The cell after it notes your answer. Nothing here tells whether that one is right.
# - Leave the dots where you do not know. A guess tells your teacher nothing about the course.
#
# **Time:** about 165 minutes, in as many sittings as you like.
#
# <!-- Made by `course build` from the questions of the notebooks; changes go there. -->

# %% name="imports"
from autograder import answered, ask

# %% [markdown] name="topic_01_gradients"
# ## 01 · Gradients: what a framework does for you

# %% name="show_q01_broadcast"
ask("q01_broadcast", seed=99)

# %% name="q01_broadcast"
q01_broadcast = ...

# %% nbgrader={"grade_id": "quiz_q01_broadcast", "grade": true, "points": 1}
answered("q01_broadcast")
### BEGIN HIDDEN TESTS
from autograder import check

check("q01_broadcast", seed=99)
### END HIDDEN TESTS

# %% name="show_q01_shape"
ask("q01_shape", seed=99)

# %% name="q01_shape"
q01_shape = ...

# %% nbgrader={"grade_id": "quiz_q01_shape", "grade": true, "points": 1}
answered("q01_shape")
### BEGIN HIDDEN TESTS
from autograder import check

check("q01_shape", seed=99)
### END HIDDEN TESTS

# %% name="show_q01_chain"
ask("q01_chain", seed=99)

# %% name="q01_chain"
q01_chain = ...

# %% nbgrader={"grade_id": "quiz_q01_chain", "grade": true, "points": 1}
answered("q01_chain")
### BEGIN HIDDEN TESTS
from autograder import check

check("q01_chain", seed=99)
### END HIDDEN TESTS

# %% name="show_q01_float32"
ask("q01_float32", seed=99)

# %% name="q01_float32"
q01_float32 = ...

# %% nbgrader={"grade_id": "quiz_q01_float32", "grade": true, "points": 1}
answered("q01_float32")
### BEGIN HIDDEN TESTS
from autograder import check

check("q01_float32", seed=99)
### END HIDDEN TESTS

# %% name="show_q01_rate"
ask("q01_rate", seed=99)

# %% name="q01_rate"
q01_rate = ...

# %% nbgrader={"grade_id": "quiz_q01_rate", "grade": true, "points": 1}
answered("q01_rate")
### BEGIN HIDDEN TESTS
from autograder import check

check("q01_rate", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_02_activations"
# ## 02 · Activations

# %% name="show_q02_centred"
ask("q02_centred", seed=99)

# %% name="q02_centred"
q02_centred = ...

# %% nbgrader={"grade_id": "quiz_q02_centred", "grade": true, "points": 1}
answered("q02_centred")
### BEGIN HIDDEN TESTS
from autograder import check

check("q02_centred", seed=99)
### END HIDDEN TESTS

# %% name="show_q02_accumulate"
ask("q02_accumulate", seed=99)

# %% name="q02_accumulate"
q02_accumulate = ...

# %% nbgrader={"grade_id": "quiz_q02_accumulate", "grade": true, "points": 1}
answered("q02_accumulate")
### BEGIN HIDDEN TESTS
from autograder import check

check("q02_accumulate", seed=99)
### END HIDDEN TESTS

# %% name="show_q02_bias_gradient"
ask("q02_bias_gradient", seed=99)

# %% name="q02_bias_gradient"
q02_bias_gradient = ...

# %% nbgrader={"grade_id": "quiz_q02_bias_gradient", "grade": true, "points": 1}
answered("q02_bias_gradient")
### BEGIN HIDDEN TESTS
from autograder import check

check("q02_bias_gradient", seed=99)
### END HIDDEN TESTS

# %% name="show_q02_maxout_parameters"
ask("q02_maxout_parameters", seed=99)

# %% name="q02_maxout_parameters"
q02_maxout_parameters = ...

# %% nbgrader={"grade_id": "quiz_q02_maxout_parameters", "grade": true, "points": 1}
answered("q02_maxout_parameters")
### BEGIN HIDDEN TESTS
from autograder import check

check("q02_maxout_parameters", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_03_data"
# ## 03 · Data: preprocessing and augmentation

# %% name="show_q03_slopes"
ask("q03_slopes", seed=99)

# %% name="q03_slopes"
q03_slopes = ...

# %% nbgrader={"grade_id": "quiz_q03_slopes", "grade": true, "points": 1}
answered("q03_slopes")
### BEGIN HIDDEN TESTS
from autograder import check

check("q03_slopes", seed=99)
### END HIDDEN TESTS

# %% name="show_q03_dead"
ask("q03_dead", seed=99)

# %% name="q03_dead"
q03_dead = ...

# %% nbgrader={"grade_id": "quiz_q03_dead", "grade": true, "points": 1}
answered("q03_dead")
### BEGIN HIDDEN TESTS
from autograder import check

check("q03_dead", seed=99)
### END HIDDEN TESTS

# %% name="show_q03_shifted_inputs"
ask("q03_shifted_inputs", seed=99)

# %% name="q03_shifted_inputs"
q03_shifted_inputs = ...

# %% nbgrader={"grade_id": "quiz_q03_shifted_inputs", "grade": true, "points": 1}
answered("q03_shifted_inputs")
### BEGIN HIDDEN TESTS
from autograder import check

check("q03_shifted_inputs", seed=99)
### END HIDDEN TESTS

# %% name="show_q03_wraps"
ask("q03_wraps", seed=99)

# %% name="q03_wraps"
q03_wraps = ...

# %% nbgrader={"grade_id": "quiz_q03_wraps", "grade": true, "points": 1}
answered("q03_wraps")
### BEGIN HIDDEN TESTS
from autograder import check

check("q03_wraps", seed=99)
### END HIDDEN TESTS

# %% name="show_q03_views"
ask("q03_views", seed=99)

# %% name="q03_views"
q03_views = ...

# %% nbgrader={"grade_id": "quiz_q03_views", "grade": true, "points": 1}
answered("q03_views")
### BEGIN HIDDEN TESTS
from autograder import check

check("q03_views", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_04_init"
# ## 04 · First weights

# %% name="show_q04_zero_weight"
ask("q04_zero_weight", seed=99)

# %% name="q04_zero_weight"
q04_zero_weight = ...

# %% nbgrader={"grade_id": "quiz_q04_zero_weight", "grade": true, "points": 1}
answered("q04_zero_weight")
### BEGIN HIDDEN TESTS
from autograder import check

check("q04_zero_weight", seed=99)
### END HIDDEN TESTS

# %% name="show_q04_ten_layers"
ask("q04_ten_layers", seed=99)

# %% name="q04_ten_layers"
q04_ten_layers = ...

# %% nbgrader={"grade_id": "quiz_q04_ten_layers", "grade": true, "points": 1}
answered("q04_ten_layers")
### BEGIN HIDDEN TESTS
from autograder import check

check("q04_ten_layers", seed=99)
### END HIDDEN TESTS

# %% name="show_q04_centred_data"
ask("q04_centred_data", seed=99)

# %% name="q04_centred_data"
q04_centred_data = ...

# %% nbgrader={"grade_id": "quiz_q04_centred_data", "grade": true, "points": 1}
answered("q04_centred_data")
### BEGIN HIDDEN TESTS
from autograder import check

check("q04_centred_data", seed=99)
### END HIDDEN TESTS

# %% name="show_q04_what_breaks_symmetry"
ask("q04_what_breaks_symmetry", seed=99)

# %% name="q04_what_breaks_symmetry"
q04_what_breaks_symmetry = ...

# %% nbgrader={"grade_id": "quiz_q04_what_breaks_symmetry", "grade": true, "points": 1}
answered("q04_what_breaks_symmetry")
### BEGIN HIDDEN TESTS
from autograder import check

check("q04_what_breaks_symmetry", seed=99)
### END HIDDEN TESTS

# %% name="show_q04_torch_default"
ask("q04_torch_default", seed=99)

# %% name="q04_torch_default"
q04_torch_default = ...

# %% nbgrader={"grade_id": "quiz_q04_torch_default", "grade": true, "points": 1}
answered("q04_torch_default")
### BEGIN HIDDEN TESTS
from autograder import check

check("q04_torch_default", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_05_regularization"
# ## 05 · Losses, penalties, noise

# %% name="show_q05_sigmoid_slope"
ask("q05_sigmoid_slope", seed=99)

# %% name="q05_sigmoid_slope"
q05_sigmoid_slope = ...

# %% nbgrader={"grade_id": "quiz_q05_sigmoid_slope", "grade": true, "points": 1}
answered("q05_sigmoid_slope")
### BEGIN HIDDEN TESTS
from autograder import check

check("q05_sigmoid_slope", seed=99)
### END HIDDEN TESTS

# %% name="show_q05_whose_mean"
ask("q05_whose_mean", seed=99)

# %% name="q05_whose_mean"
q05_whose_mean = ...

# %% nbgrader={"grade_id": "quiz_q05_whose_mean", "grade": true, "points": 1}
answered("q05_whose_mean")
### BEGIN HIDDEN TESTS
from autograder import check

check("q05_whose_mean", seed=99)
### END HIDDEN TESTS

# %% name="show_q05_he"
ask("q05_he", seed=99)

# %% name="q05_he"
q05_he = ...

# %% nbgrader={"grade_id": "quiz_q05_he", "grade": true, "points": 1}
answered("q05_he")
### BEGIN HIDDEN TESTS
from autograder import check

check("q05_he", seed=99)
### END HIDDEN TESTS

# %% name="show_q05_hinge"
ask("q05_hinge", seed=99)

# %% name="q05_hinge"
q05_hinge = ...

# %% nbgrader={"grade_id": "quiz_q05_hinge", "grade": true, "points": 1}
answered("q05_hinge")
### BEGIN HIDDEN TESTS
from autograder import check

check("q05_hinge", seed=99)
### END HIDDEN TESTS

# %% name="show_q05_weight_decay"
ask("q05_weight_decay", seed=99)

# %% name="q05_weight_decay"
q05_weight_decay = ...

# %% nbgrader={"grade_id": "quiz_q05_weight_decay", "grade": true, "points": 1}
answered("q05_weight_decay")
### BEGIN HIDDEN TESTS
from autograder import check

check("q05_weight_decay", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_06_batchnorm"
# ## 06 · Batch normalization

# %% name="show_q06_init"
ask("q06_init", seed=99)

# %% name="q06_init"
q06_init = ...

# %% nbgrader={"grade_id": "quiz_q06_init", "grade": true, "points": 1}
answered("q06_init")
### BEGIN HIDDEN TESTS
from autograder import check

check("q06_init", seed=99)
### END HIDDEN TESTS

# %% name="show_q06_statistics"
ask("q06_statistics", seed=99)

# %% name="q06_statistics"
q06_statistics = ...

# %% nbgrader={"grade_id": "quiz_q06_statistics", "grade": true, "points": 1}
answered("q06_statistics")
### BEGIN HIDDEN TESTS
from autograder import check

check("q06_statistics", seed=99)
### END HIDDEN TESTS

# %% name="show_q06_noise"
ask("q06_noise", seed=99)

# %% name="q06_noise"
q06_noise = ...

# %% nbgrader={"grade_id": "quiz_q06_noise", "grade": true, "points": 1}
answered("q06_noise")
### BEGIN HIDDEN TESTS
from autograder import check

check("q06_noise", seed=99)
### END HIDDEN TESTS

# %% name="show_q06_border"
ask("q06_border", seed=99)

# %% name="q06_border"
q06_border = ...

# %% nbgrader={"grade_id": "quiz_q06_border", "grade": true, "points": 1}
answered("q06_border")
### BEGIN HIDDEN TESTS
from autograder import check

check("q06_border", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_07_optimizers"
# ## 07 · Optimizers

# %% name="show_q07_running_mean"
ask("q07_running_mean", seed=99)

# %% name="q07_running_mean"
q07_running_mean = ...

# %% nbgrader={"grade_id": "quiz_q07_running_mean", "grade": true, "points": 1}
answered("q07_running_mean")
### BEGIN HIDDEN TESTS
from autograder import check

check("q07_running_mean", seed=99)
### END HIDDEN TESTS

# %% name="show_q07_he"
ask("q07_he", seed=99)

# %% name="q07_he"
q07_he = ...

# %% nbgrader={"grade_id": "quiz_q07_he", "grade": true, "points": 1}
answered("q07_he")
### BEGIN HIDDEN TESTS
from autograder import check

check("q07_he", seed=99)
### END HIDDEN TESTS

# %% name="show_q07_penalty"
ask("q07_penalty", seed=99)

# %% name="q07_penalty"
q07_penalty = ...

# %% nbgrader={"grade_id": "quiz_q07_penalty", "grade": true, "points": 1}
answered("q07_penalty")
### BEGIN HIDDEN TESTS
from autograder import check

check("q07_penalty", seed=99)
### END HIDDEN TESTS

# %% name="show_q07_first_step"
ask("q07_first_step", seed=99)

# %% name="q07_first_step"
q07_first_step = ...

# %% nbgrader={"grade_id": "quiz_q07_first_step", "grade": true, "points": 1}
answered("q07_first_step")
### BEGIN HIDDEN TESTS
from autograder import check

check("q07_first_step", seed=99)
### END HIDDEN TESTS

# %% name="show_q07_saddle"
ask("q07_saddle", seed=99)

# %% name="q07_saddle"
q07_saddle = ...

# %% nbgrader={"grade_id": "quiz_q07_saddle", "grade": true, "points": 1}
answered("q07_saddle")
### BEGIN HIDDEN TESTS
from autograder import check

check("q07_saddle", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_08_tuning"
# ## 08 · Tuning: from a net that runs to a net that works

# %% name="show_q08_first_loss"
ask("q08_first_loss", seed=99)

# %% name="q08_first_loss"
q08_first_loss = ...

# %% nbgrader={"grade_id": "quiz_q08_first_loss", "grade": true, "points": 1}
answered("q08_first_loss")
### BEGIN HIDDEN TESTS
from autograder import check

check("q08_first_loss", seed=99)
### END HIDDEN TESTS

# %% name="show_q08_dropout_scale"
ask("q08_dropout_scale", seed=99)

# %% name="q08_dropout_scale"
q08_dropout_scale = ...

# %% nbgrader={"grade_id": "quiz_q08_dropout_scale", "grade": true, "points": 1}
answered("q08_dropout_scale")
### BEGIN HIDDEN TESTS
from autograder import check

check("q08_dropout_scale", seed=99)
### END HIDDEN TESTS

# %% name="show_q08_test_set"
ask("q08_test_set", seed=99)

# %% name="q08_test_set"
q08_test_set = ...

# %% nbgrader={"grade_id": "quiz_q08_test_set", "grade": true, "points": 1}
answered("q08_test_set")
### BEGIN HIDDEN TESTS
from autograder import check

check("q08_test_set", seed=99)
### END HIDDEN TESTS

# %% name="show_q08_log_uniform"
ask("q08_log_uniform", seed=99)

# %% name="q08_log_uniform"
q08_log_uniform = ...

# %% nbgrader={"grade_id": "quiz_q08_log_uniform", "grade": true, "points": 1}
answered("q08_log_uniform")
### BEGIN HIDDEN TESTS
from autograder import check

check("q08_log_uniform", seed=99)
### END HIDDEN TESTS

# %% name="show_q08_validation_split"
ask("q08_validation_split", seed=99)

# %% name="q08_validation_split"
q08_validation_split = ...

# %% nbgrader={"grade_id": "quiz_q08_validation_split", "grade": true, "points": 1}
answered("q08_validation_split")
### BEGIN HIDDEN TESTS
from autograder import check

check("q08_validation_split", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_09_architectures"
# ## 09 · Architectures: how to stack convolutions

# %% name="show_q09_linear"
ask("q09_linear", seed=99)

# %% name="q09_linear"
q09_linear = ...

# %% nbgrader={"grade_id": "quiz_q09_linear", "grade": true, "points": 1}
answered("q09_linear")
### BEGIN HIDDEN TESTS
from autograder import check

check("q09_linear", seed=99)
### END HIDDEN TESTS

# %% name="show_q09_fan_in"
ask("q09_fan_in", seed=99)

# %% name="q09_fan_in"
q09_fan_in = ...

# %% nbgrader={"grade_id": "quiz_q09_fan_in", "grade": true, "points": 1}
answered("q09_fan_in")
### BEGIN HIDDEN TESTS
from autograder import check

check("q09_fan_in", seed=99)
### END HIDDEN TESTS

# %% name="show_q09_bias"
ask("q09_bias", seed=99)

# %% name="q09_bias"
q09_bias = ...

# %% nbgrader={"grade_id": "quiz_q09_bias", "grade": true, "points": 1}
answered("q09_bias")
### BEGIN HIDDEN TESTS
from autograder import check

check("q09_bias", seed=99)
### END HIDDEN TESTS

# %% name="show_q09_stack"
ask("q09_stack", seed=99)

# %% name="q09_stack"
q09_stack = ...

# %% nbgrader={"grade_id": "quiz_q09_stack", "grade": true, "points": 1}
answered("q09_stack")
### BEGIN HIDDEN TESTS
from autograder import check

check("q09_stack", seed=99)
### END HIDDEN TESTS

# %% name="show_q09_memory"
ask("q09_memory", seed=99)

# %% name="q09_memory"
q09_memory = ...

# %% nbgrader={"grade_id": "quiz_q09_memory", "grade": true, "points": 1}
answered("q09_memory")
### BEGIN HIDDEN TESTS
from autograder import check

check("q09_memory", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_10_convolution"
# ## 10 · Convolution by hand, and a net of your own

# %% name="show_q10_size"
ask("q10_size", seed=99)

# %% name="q10_size"
q10_size = ...

# %% nbgrader={"grade_id": "quiz_q10_size", "grade": true, "points": 1}
answered("q10_size")
### BEGIN HIDDEN TESTS
from autograder import check

check("q10_size", seed=99)
### END HIDDEN TESTS

# %% name="show_q10_shared"
ask("q10_shared", seed=99)

# %% name="q10_shared"
q10_shared = ...

# %% nbgrader={"grade_id": "quiz_q10_shared", "grade": true, "points": 1}
answered("q10_shared")
### BEGIN HIDDEN TESTS
from autograder import check

check("q10_shared", seed=99)
### END HIDDEN TESTS

# %% name="show_q10_norm"
ask("q10_norm", seed=99)

# %% name="q10_norm"
q10_norm = ...

# %% nbgrader={"grade_id": "quiz_q10_norm", "grade": true, "points": 1}
answered("q10_norm")
### BEGIN HIDDEN TESTS
from autograder import check

check("q10_norm", seed=99)
### END HIDDEN TESTS

# %% name="show_q10_flip"
ask("q10_flip", seed=99)

# %% name="q10_flip"
q10_flip = ...

# %% nbgrader={"grade_id": "quiz_q10_flip", "grade": true, "points": 1}
answered("q10_flip")
### BEGIN HIDDEN TESTS
from autograder import check

check("q10_flip", seed=99)
### END HIDDEN TESTS

# %% name="show_q10_order"
ask("q10_order", seed=99)

# %% name="q10_order"
q10_order = ...

# %% nbgrader={"grade_id": "quiz_q10_order", "grade": true, "points": 1}
answered("q10_order")
### BEGIN HIDDEN TESTS
from autograder import check

check("q10_order", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_11_fast_convolution"
# ## 11 · Fast convolution: how to compute them

# %% name="show_q11_macs"
ask("q11_macs", seed=99)

# %% name="q11_macs"
q11_macs = ...

# %% nbgrader={"grade_id": "quiz_q11_macs", "grade": true, "points": 1}
answered("q11_macs")
### BEGIN HIDDEN TESTS
from autograder import check

check("q11_macs", seed=99)
### END HIDDEN TESTS

# %% name="show_q11_windows"
ask("q11_windows", seed=99)

# %% name="q11_windows"
q11_windows = ...

# %% nbgrader={"grade_id": "quiz_q11_windows", "grade": true, "points": 1}
answered("q11_windows")
### BEGIN HIDDEN TESTS
from autograder import check

check("q11_windows", seed=99)
### END HIDDEN TESTS

# %% name="show_q11_stack"
ask("q11_stack", seed=99)

# %% name="q11_stack"
q11_stack = ...

# %% nbgrader={"grade_id": "quiz_q11_stack", "grade": true, "points": 1}
answered("q11_stack")
### BEGIN HIDDEN TESTS
from autograder import check

check("q11_stack", seed=99)
### END HIDDEN TESTS

# %% name="show_q11_row"
ask("q11_row", seed=99)

# %% name="q11_row"
q11_row = ...

# %% nbgrader={"grade_id": "quiz_q11_row", "grade": true, "points": 1}
answered("q11_row")
### BEGIN HIDDEN TESTS
from autograder import check

check("q11_row", seed=99)
### END HIDDEN TESTS

# %% name="show_q11_fft_kernels"
ask("q11_fft_kernels", seed=99)

# %% name="q11_fft_kernels"
q11_fft_kernels = ...

# %% nbgrader={"grade_id": "quiz_q11_fft_kernels", "grade": true, "points": 1}
answered("q11_fft_kernels")
### BEGIN HIDDEN TESTS
from autograder import check

check("q11_fft_kernels", seed=99)
### END HIDDEN TESTS

# %% name="show_q11_beyond_the_peak"
ask("q11_beyond_the_peak", seed=99)

# %% name="q11_beyond_the_peak"
q11_beyond_the_peak = ...

# %% nbgrader={"grade_id": "quiz_q11_beyond_the_peak", "grade": true, "points": 1}
answered("q11_beyond_the_peak")
### BEGIN HIDDEN TESTS
from autograder import check

check("q11_beyond_the_peak", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_12_gpu"
# ## 12 · GPUs: what the hardware does with a net

# %% name="show_q12_conv_operations"
ask("q12_conv_operations", seed=99)

# %% name="q12_conv_operations"
q12_conv_operations = ...

# %% nbgrader={"grade_id": "quiz_q12_conv_operations", "grade": true, "points": 1}
answered("q12_conv_operations")
### BEGIN HIDDEN TESTS
from autograder import check

check("q12_conv_operations", seed=99)
### END HIDDEN TESTS

# %% name="show_q12_adam_memory"
ask("q12_adam_memory", seed=99)

# %% name="q12_adam_memory"
q12_adam_memory = ...

# %% nbgrader={"grade_id": "quiz_q12_adam_memory", "grade": true, "points": 1}
answered("q12_adam_memory")
### BEGIN HIDDEN TESTS
from autograder import check

check("q12_adam_memory", seed=99)
### END HIDDEN TESTS

# %% name="show_q12_minibatches"
ask("q12_minibatches", seed=99)

# %% name="q12_minibatches"
q12_minibatches = ...

# %% nbgrader={"grade_id": "quiz_q12_minibatches", "grade": true, "points": 1}
answered("q12_minibatches")
### BEGIN HIDDEN TESTS
from autograder import check

check("q12_minibatches", seed=99)
### END HIDDEN TESTS

# %% name="show_q12_clock"
ask("q12_clock", seed=99)

# %% name="q12_clock"
q12_clock = ...

# %% nbgrader={"grade_id": "quiz_q12_clock", "grade": true, "points": 1}
answered("q12_clock")
### BEGIN HIDDEN TESTS
from autograder import check

check("q12_clock", seed=99)
### END HIDDEN TESTS

# %% name="show_q12_roofline"
ask("q12_roofline", seed=99)

# %% name="q12_roofline"
q12_roofline = ...

# %% nbgrader={"grade_id": "quiz_q12_roofline", "grade": true, "points": 1}
answered("q12_roofline")
### BEGIN HIDDEN TESTS
from autograder import check

check("q12_roofline", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_13_precision"
# ## 13 · Precision: how few bits a net needs

# %% name="show_q13_exponential"
ask("q13_exponential", seed=99)

# %% name="q13_exponential"
q13_exponential = ...

# %% nbgrader={"grade_id": "quiz_q13_exponential", "grade": true, "points": 1}
answered("q13_exponential")
### BEGIN HIDDEN TESTS
from autograder import check

check("q13_exponential", seed=99)
### END HIDDEN TESTS

# %% name="show_q13_adam_epsilon"
ask("q13_adam_epsilon", seed=99)

# %% name="q13_adam_epsilon"
q13_adam_epsilon = ...

# %% nbgrader={"grade_id": "quiz_q13_adam_epsilon", "grade": true, "points": 1}
answered("q13_adam_epsilon")
### BEGIN HIDDEN TESTS
from autograder import check

check("q13_adam_epsilon", seed=99)
### END HIDDEN TESTS

# %% name="show_q13_memory"
ask("q13_memory", seed=99)

# %% name="q13_memory"
q13_memory = ...

# %% nbgrader={"grade_id": "quiz_q13_memory", "grade": true, "points": 1}
answered("q13_memory")
### BEGIN HIDDEN TESTS
from autograder import check

check("q13_memory", seed=99)
### END HIDDEN TESTS

# %% name="show_q13_largest_sum"
ask("q13_largest_sum", seed=99)

# %% name="q13_largest_sum"
q13_largest_sum = ...

# %% nbgrader={"grade_id": "quiz_q13_largest_sum", "grade": true, "points": 1}
answered("q13_largest_sum")
### BEGIN HIDDEN TESTS
from autograder import check

check("q13_largest_sum", seed=99)
### END HIDDEN TESTS

# %% name="show_q13_alexnet"
ask("q13_alexnet", seed=99)

# %% name="q13_alexnet"
q13_alexnet = ...

# %% nbgrader={"grade_id": "quiz_q13_alexnet", "grade": true, "points": 1}
answered("q13_alexnet")
### BEGIN HIDDEN TESTS
from autograder import check

check("q13_alexnet", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_14_parallel"
# ## 14 · Parallel: one net on many machines

# %% name="show_q14_noise_of_the_joined_batch"
ask("q14_noise_of_the_joined_batch", seed=99)

# %% name="q14_noise_of_the_joined_batch"
q14_noise_of_the_joined_batch = ...

# %% nbgrader={"grade_id": "quiz_q14_noise_of_the_joined_batch", "grade": true, "points": 1}
answered("q14_noise_of_the_joined_batch")
### BEGIN HIDDEN TESTS
from autograder import check

check("q14_noise_of_the_joined_batch", seed=99)
### END HIDDEN TESTS

# %% name="show_q14_weights_and_maps"
ask("q14_weights_and_maps", seed=99)

# %% name="q14_weights_and_maps"
q14_weights_and_maps = ...

# %% nbgrader={"grade_id": "quiz_q14_weights_and_maps", "grade": true, "points": 1}
answered("q14_weights_and_maps")
### BEGIN HIDDEN TESTS
from autograder import check

check("q14_weights_and_maps", seed=99)
### END HIDDEN TESTS

# %% name="show_q14_batch_statistics"
ask("q14_batch_statistics", seed=99)

# %% name="q14_batch_statistics"
q14_batch_statistics = ...

# %% nbgrader={"grade_id": "quiz_q14_batch_statistics", "grade": true, "points": 1}
answered("q14_batch_statistics")
### BEGIN HIDDEN TESTS
from autograder import check

check("q14_batch_statistics", seed=99)
### END HIDDEN TESTS

# %% name="show_q14_staleness"
ask("q14_staleness", seed=99)

# %% name="q14_staleness"
q14_staleness = ...

# %% nbgrader={"grade_id": "quiz_q14_staleness", "grade": true, "points": 1}
answered("q14_staleness")
### BEGIN HIDDEN TESTS
from autograder import check

check("q14_staleness", seed=99)
### END HIDDEN TESTS

# %% name="show_q14_bubble"
ask("q14_bubble", seed=99)

# %% name="q14_bubble"
q14_bubble = ...

# %% nbgrader={"grade_id": "quiz_q14_bubble", "grade": true, "points": 1}
answered("q14_bubble")
### BEGIN HIDDEN TESTS
from autograder import check

check("q14_bubble", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_15_transfer"
# ## 15 · Transfer: standing on a trained net

# %% name="show_q15_head"
ask("q15_head", seed=99)

# %% name="q15_head"
q15_head = ...

# %% nbgrader={"grade_id": "quiz_q15_head", "grade": true, "points": 1}
answered("q15_head")
### BEGIN HIDDEN TESTS
from autograder import check

check("q15_head", seed=99)
### END HIDDEN TESTS

# %% name="show_q15_decay"
ask("q15_decay", seed=99)

# %% name="q15_decay"
q15_decay = ...

# %% nbgrader={"grade_id": "quiz_q15_decay", "grade": true, "points": 1}
answered("q15_decay")
### BEGIN HIDDEN TESTS
from autograder import check

check("q15_decay", seed=99)
### END HIDDEN TESTS

# %% name="show_q15_modes"
ask("q15_modes", seed=99)

# %% name="q15_modes"
q15_modes = ...

# %% nbgrader={"grade_id": "quiz_q15_modes", "grade": true, "points": 1}
answered("q15_modes")
### BEGIN HIDDEN TESTS
from autograder import check

check("q15_modes", seed=99)
### END HIDDEN TESTS

# %% name="show_q15_memory"
ask("q15_memory", seed=99)

# %% name="q15_memory"
q15_memory = ...

# %% nbgrader={"grade_id": "quiz_q15_memory", "grade": true, "points": 1}
answered("q15_memory")
### BEGIN HIDDEN TESTS
from autograder import check

check("q15_memory", seed=99)
### END HIDDEN TESTS

# %% name="show_q15_stage"
ask("q15_stage", seed=99)

# %% name="q15_stage"
q15_stage = ...

# %% nbgrader={"grade_id": "quiz_q15_stage", "grade": true, "points": 1}
answered("q15_stage")
### BEGIN HIDDEN TESTS
from autograder import check

check("q15_stage", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_16_clinic"
# ## 16 · The clinic: trainings that fail without a word

# %% name="show_q16_guessing"
ask("q16_guessing", seed=99)

# %% name="q16_guessing"
q16_guessing = ...

# %% nbgrader={"grade_id": "quiz_q16_guessing", "grade": true, "points": 1}
answered("q16_guessing")
### BEGIN HIDDEN TESTS
from autograder import check

check("q16_guessing", seed=99)
### END HIDDEN TESTS

# %% name="show_q16_smoothed"
ask("q16_smoothed", seed=99)

# %% name="q16_smoothed"
q16_smoothed = ...

# %% nbgrader={"grade_id": "quiz_q16_smoothed", "grade": true, "points": 1}
answered("q16_smoothed")
### BEGIN HIDDEN TESTS
from autograder import check

check("q16_smoothed", seed=99)
### END HIDDEN TESTS

# %% name="show_q16_modes"
ask("q16_modes", seed=99)

# %% name="q16_modes"
q16_modes = ...

# %% nbgrader={"grade_id": "quiz_q16_modes", "grade": true, "points": 1}
answered("q16_modes")
### BEGIN HIDDEN TESTS
from autograder import check

check("q16_modes", seed=99)
### END HIDDEN TESTS

# %% name="show_q16_alarms"
ask("q16_alarms", seed=99)

# %% name="q16_alarms"
q16_alarms = ...

# %% nbgrader={"grade_id": "quiz_q16_alarms", "grade": true, "points": 1}
answered("q16_alarms")
### BEGIN HIDDEN TESTS
from autograder import check

check("q16_alarms", seed=99)
### END HIDDEN TESTS

# %% name="show_q16_softmax"
ask("q16_softmax", seed=99)

# %% name="q16_softmax"
q16_softmax = ...

# %% nbgrader={"grade_id": "quiz_q16_softmax", "grade": true, "points": 1}
answered("q16_softmax")
### BEGIN HIDDEN TESTS
from autograder import check

check("q16_softmax", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="topic_17_capstone"
# ## 17 · One net, one budget, one look

# %% name="show_q17_products"
ask("q17_products", seed=99)

# %% name="q17_products"
q17_products = ...

# %% nbgrader={"grade_id": "quiz_q17_products", "grade": true, "points": 1}
answered("q17_products")
### BEGIN HIDDEN TESTS
from autograder import check

check("q17_products", seed=99)
### END HIDDEN TESTS

# %% name="show_q17_error"
ask("q17_error", seed=99)

# %% name="q17_error"
q17_error = ...

# %% nbgrader={"grade_id": "quiz_q17_error", "grade": true, "points": 1}
answered("q17_error")
### BEGIN HIDDEN TESTS
from autograder import check

check("q17_error", seed=99)
### END HIDDEN TESTS

# %% name="show_q17_best"
ask("q17_best", seed=99)

# %% name="q17_best"
q17_best = ...

# %% nbgrader={"grade_id": "quiz_q17_best", "grade": true, "points": 1}
answered("q17_best")
### BEGIN HIDDEN TESTS
from autograder import check

check("q17_best", seed=99)
### END HIDDEN TESTS

# %% name="show_q17_seeds"
ask("q17_seeds", seed=99)

# %% name="q17_seeds"
q17_seeds = ...

# %% nbgrader={"grade_id": "quiz_q17_seeds", "grade": true, "points": 1}
answered("q17_seeds")
### BEGIN HIDDEN TESTS
from autograder import check

check("q17_seeds", seed=99)
### END HIDDEN TESTS

# %% [markdown] name="your_score"
# ## Your score
#
# For those who learn without a teacher: run all cells. The last one counts how many of your answers
# are right, topic by topic, and does not say which. It compares them with the test before the course,
# where you have taken both.

# %% name="score" tags=["experiment"]
from autograder import score

score("99_posttest", seed=99, before="98_pretest")

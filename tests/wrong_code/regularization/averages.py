"""Notebook 05: averages over noise and models, dropout's mode: wrong, piece by piece."""

import copy

import numpy as np
from torch import nn
from wrong_code import wrong


def softmax(scores, axis=-1, shift=None):
    e = np.exp(scores - (scores.max(axis, keepdims=True) if shift is None else shift(scores)))
    return e / e.sum(axis=axis, keepdims=True)


def _half_and_half(tables):
    mean = tables[0]
    for new in tables[1:]:
        mean = (mean + new) / 2
    return mean


JOINED = {
    "one_shift_for_all_rows": lambda tables: np.mean(
        [softmax(s, shift=np.max) for s in tables], axis=0
    ),
    "one_shift_for_everything": lambda tables: softmax(np.array(tables), shift=np.max).mean(0),
    "one_shift_over_all_tables": lambda tables: softmax(
        np.array(tables), shift=lambda s: s.max(axis=(0, 2), keepdims=True)
    ).mean(0),
    "normalised_over_the_batch": lambda tables: np.mean([softmax(s, 0) for s in tables], axis=0),
    "shifted_exponentials_added": lambda tables: (
        lambda e: e / e.sum(1, keepdims=True)
    )(sum(np.exp(s - s.max(1, keepdims=True)) for s in tables)),
    "median": lambda tables: np.median([softmax(s) for s in tables], axis=0),
    "largest": lambda tables: np.max([softmax(s) for s in tables], axis=0),
    "halved_each_time": lambda tables: _half_and_half([softmax(s) for s in tables]),
    "halved_from_zero": lambda tables: _half_and_half([0.0, *(softmax(s) for s in tables)]),
    "divided_by_the_examples": lambda tables: sum(softmax(s) for s in tables) / len(tables[0]),
    "labels_returned": lambda tables: np.mean([softmax(s) for s in tables], axis=0).argmax(1),
    "softmax_twice": lambda tables: softmax(np.mean([softmax(s) for s in tables], axis=0)),
    "scores_cut_off": lambda tables: np.mean(
        [softmax(np.clip(s, -20, 20)) for s in tables], axis=0
    ),
    "scores_averaged": lambda tables: softmax(
        np.mean([np.log(softmax(s) + 1e-300) for s in tables], axis=0)
    ),
}  # fmt: skip


def over_noise(joined):
    def marginalize(model, x, samples, rng):
        return joined([model(x, rng) for _ in range(samples)])

    return marginalize


def over_models(joined):
    def ensemble_predict(models, x):
        return joined([model(x) for model in models])

    return ensemble_predict


for identity, joined in JOINED.items():
    if identity != "scores_averaged":
        wrong("marginalize", identity)(over_noise(joined))
        wrong("ensemble_predict", identity)(over_models(joined))

right = lambda tables: np.mean([softmax(s) for s in tables], axis=0)


@wrong("marginalize", "noise_off_and_once")
def marginalize(model, x, samples, rng):
    return softmax(model(x, None))


@wrong("marginalize", "noiseless_call_too")
def marginalize(model, x, samples, rng):
    total = np.zeros_like(model(x, None))
    for _ in range(samples):
        total += softmax(model(x, rng))
    return total / samples


@wrong("marginalize", "same_noise_each_time")
def marginalize(model, x, samples, rng):
    return right([model(x, copy.copy(copy.deepcopy(rng))) for _ in range(samples)])


@wrong("marginalize", "another_generator")
def marginalize(model, x, samples, rng):
    own = np.random.default_rng(0)
    return right([model(x, own) for _ in range(samples)])


@wrong("marginalize", "first_sample_only")
def marginalize(model, x, samples, rng):
    return [softmax(model(x, rng)) for _ in range(samples)][0]


@wrong("marginalize", "last_sample_divided")
def marginalize(model, x, samples, rng):
    for _ in range(samples):
        total = softmax(model(x, rng))
    return total / samples


@wrong("marginalize", "one_pass_too_many")
def marginalize(model, x, samples, rng):
    return right([model(x, rng) for _ in range(samples + 1)])


@wrong("marginalize", "one_pass_too_many_added")
def marginalize(model, x, samples, rng):
    return sum(softmax(model(x, rng)) for _ in range(samples + 1)) / samples


@wrong("marginalize", "one_pass_too_few")
def marginalize(model, x, samples, rng):
    return sum((softmax(model(x, rng)) for _ in range(1, samples)), 0.0) / samples


@wrong("marginalize", "row_by_row")
def marginalize(model, x, samples, rng):
    rows = [right([model(x[i : i + 1], rng) for _ in range(samples)]) for i in range(len(x))]
    return np.concatenate(rows)


@wrong("marginalize", "normalised_over_samples")
def marginalize(model, x, samples, rng):
    return softmax(np.array([model(x, rng) for _ in range(samples)]), 0).mean(0)


@wrong("marginalize", "room_for_the_inputs")
def marginalize(model, x, samples, rng):
    total = np.zeros(x.shape)
    for _ in range(samples):
        total += softmax(model(x, rng)) / samples
    return total


@wrong("ensemble_predict", "scores_returned")
def ensemble_predict(models, x):
    return sum(model(x) for model in models) / len(models)


@wrong("ensemble_predict", "first_model_left_out")
def ensemble_predict(models, x):
    return sum((softmax(models[i](x)) for i in range(1, len(models))), 0.0) / len(models)


@wrong("ensemble_predict", "last_model_left_out")
def ensemble_predict(models, x):
    return sum((softmax(models[i](x)) for i in range(len(models) - 1)), 0.0) / len(models)


@wrong("ensemble_predict", "brought_to_one_scale")
def ensemble_predict(models, x):
    return right([model(x) / np.std(model(x)) for model in models])


@wrong("ensemble_predict", "batch_normalised_and_added")
def ensemble_predict(models, x):
    return sum(softmax(model(x), 0) for model in models)


@wrong("ensemble_predict", "two_arguments")
def ensemble_predict(models, x):
    return right([model(x, None) for model in models])


def switching(turn_on, before=lambda model: model.eval()):
    """Dropout on for the modules that `turn_on` picks out of a model."""

    def enable_dropout(model):
        before(model)
        for module in turn_on(model):
            module.train()

    return enable_dropout


def of_torch(model):
    kinds = (nn.modules.dropout._DropoutNd,)
    return [m for m in model.modules() if isinstance(m, kinds)]


def only(*kinds):
    return lambda model: [m for m in model.modules() if type(m) in kinds]


def not_in_batch_norm(model):
    for module in model.train().modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()


def inside(model):
    for child in model.children():
        yield from [child] if child in of_torch(child) else inside(child)


for identity, code in {
    "all_but_batch_norm": switching(of_torch, not_in_batch_norm),
    "model_unchanged": switching(lambda model: of_torch(copy.deepcopy(model)), lambda model: None),
    "containers_left": switching(
        of_torch, lambda model: [m.eval() for m in model.modules() if not list(m.children())]
    ),
    "what_is_around_it_too": switching(
        lambda model: [
            m for m in model.modules() if any(c in of_torch(c) for c in m.children())
        ] or of_torch(model)
    ),
    "children_only_by_class": switching(
        lambda model: [m for m in model.children() if m in of_torch(m)]
    ),
    "model_iterated": switching(lambda model: [m for m in model if m in of_torch(m)]),
    "model_itself_left_out": switching(lambda model: list(inside(model))),
    "first_only": switching(lambda model: of_torch(model)[:1]),
    "without_one_and_three": switching(only(nn.Dropout, nn.Dropout2d)),
    "one_dimension_missing": switching(only(nn.Dropout, nn.Dropout2d, nn.Dropout3d)),
    "feature_alpha_missing": switching(
        only(nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout)
    ),
    "block_taken_along": switching(
        lambda model: [m for m in model.modules() if "Dropout" in type(m).__name__]
    ),
    "known_by_its_dropout": switching(
        lambda model: [*of_torch(model), *(m for m in model.modules() if hasattr(m, "dropout"))]
    ),
    "known_by_its_p": switching(lambda model: [m for m in model.modules() if hasattr(m, "p")]),
    "found_by_attribute": switching(
        lambda model: [m for name, m in model.named_modules() if "drop" in name.lower()]
        or ([model] if model in of_torch(model) else [])
    ),
}.items():  # fmt: skip
    wrong("enable_dropout", identity)(code)


@wrong("ensemble_predict", "no_number_counts_as_zero")
def ensemble_predict(models, x):
    total = 0.0
    with np.errstate(all="ignore"):
        for model in models:
            e = np.exp(model(x))
            p = e / e.sum(axis=1, keepdims=True)
            total = total + np.where(np.isnan(p), 0.0, p)
    return total / len(models)


def in_one_call(many, order):
    """All samples from one call, on a batch that holds each row many times."""

    def marginalize(model, x, samples, rng):
        scores = model(many(x, samples), rng)
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        return p.reshape(*order(len(x), samples), -1).mean(axis=order(1, 0)[0])

    return marginalize


wrong("marginalize", "each_row_repeated")(
    in_one_call(lambda x, samples: np.repeat(x, samples, axis=0), lambda n, samples: (n, samples))
)
wrong("marginalize", "all_samples_in_one_call")(
    in_one_call(lambda x, samples: np.tile(x, (samples, 1)), lambda n, samples: (samples, n))
)

"""Notebook 15: hooks and features as people really get them wrong.

Nets that go on learning are in `transfer_finetune`.
"""

import torch
import torch.nn.functional as F
from wrong_code import wrong


def hooked(change=()):
    """get_activation with one thing changed by `change`, a set of words."""

    first = int("from one" in change)

    def get_activation(model, name, x):
        part, _, number = name.partition(":")
        kept = {}

        def hook(module, inputs, output):
            if "input" in change:
                output = inputs[int(number or 0)]
            if isinstance(output, tuple):
                output = output if "tuple" in change and not number else output[
                    0 if "first" in change else int(number or first) - first
                ]  # fmt: skip
            if "first call" in change and "out" in kept:
                return
            if isinstance(output, tuple):
                kept["out"] = tuple(o.detach().clone() for o in output)
            elif "graph" in change:
                kept["out"] = output.clone()
            else:
                kept["out"] = output.detach() if "no copy" in change else output.detach().clone()

        modules = dict(model.named_modules())
        if "silent" in change and part not in modules:
            return None
        module = getattr(model, part) if "getattr" in change else modules[part]
        modes = {m: m.training for m in model.modules()}
        was = model.training
        handle = module.register_forward_hook(hook)
        if "training" not in change:
            model.eval()
        try:
            if "graph" in change:
                out = model(x)
            else:
                with torch.no_grad():
                    out = model(x)
        except RuntimeError:
            if "error leaves hook" in change or "hook" in change:
                handle = None
            if "error leaves mode" in change:
                modes = {}
            raise
        finally:
            if handle is not None and "hook" not in change:
                handle.remove()
            if "eval" in change:
                modes = {}
            for m, mode in modes.items():
                m.training = mode
            if "one mode" in change:
                model.train(was)
        return out if "whole" in change else kept["out"]

    return get_activation


for words, identity in {
    "hook": "hook_left",
    "error leaves hook": "hook_left_after_an_error",
    "error leaves mode": "modes_left_after_an_error",
    "graph": "not_detached",
    "training": "in_training_mode",
    "eval": "left_in_evaluation_mode",
    "one mode": "one_mode_for_all",
    "first call": "first_call_kept",
    "input": "input_by_number",
    "first": "number_ignored",
    "from one": "counts_from_one",
    "tuple": "whole_tuple",
    "whole": "output_of_the_whole",
    "getattr": "dotted_name_as_attribute",
    "silent": "unknown_name_passed_over",
}.items():
    wrong("get_activation", identity)(hooked({words}))
wrong("get_activation", "changed_in_place")(hooked({"no copy"}))


def extracted(change=()):
    """extract_features with one thing changed."""

    def extract_features(model, layer, loader, device):
        features, labels = [], []
        for x, y in loader:
            if "not sent" not in change:
                x = x.to(device)
            name = "classifier.last" if "scores" in change else layer
            found = hooked({"training"} if "training" in change else ())(model, name, x)
            if "mean" in change and found.ndim == 4:
                found = found.mean((2, 3))
            if "channels last" in change and found.ndim == 4:
                found = found.permute(0, 2, 3, 1)
            features.append((found if "maps" in change else found.flatten(1)).cpu())
            labels.append(y)
        if "drop last" in change and len(labels) > 1 and len(labels[-1]) < len(labels[0]):
            features, labels = features[:-1], labels[:-1]
        if "overwritten" in change:
            features, labels = features[-1:], labels[-1:]
        if "second pass" in change:
            labels = [y for _, y in loader]
        if "eval" in change:
            model.eval()
        features, labels = torch.cat(features), torch.cat(labels)
        return features, labels.sort().values if "sorted" in change else labels

    return extract_features


for words, identity in {
    "not sent": "not_sent_to_the_device",
    "scores": "scores_for_features",
    "training": "in_training_mode",
    "mean": "averaged_over_places",
    "channels last": "channels_last",
    "maps": "maps_not_flattened",
    "drop last": "last_batch_left_out",
    "overwritten": "last_batch_alone",
    "second pass": "labels_of_another_pass",
    "eval": "left_in_evaluation_mode",
    "sorted": "labels_sorted",
}.items():
    wrong("extract_features", identity)(extracted({words}))


def probed(change=()):
    """linear_probe_by_depth with one thing changed."""

    def linear_probe_by_depth(model, loader, held_out, layers, ridge=1.0):
        def rows(batches, layer):
            pairs = [(hooked()(model, layer, x), y) for x, y in batches]
            pool = (lambda m: m.amax((2, 3))) if "max" in change else (lambda m: m.mean((2, 3)))
            return (torch.cat([pool(f) if f.ndim == 4 else f for f, _ in pairs]),
                    torch.cat([y for _, y in pairs]))  # fmt: skip

        found = {}
        for layer in layers:
            (x, y), (held_x, held_y) = rows(loader, layer), rows(held_out, layer)
            mean, std = x.mean(0), x.std(0, correction=0)
            other = held_x.mean(0), held_x.std(0, correction=0)
            if "not scaled" in change:
                x, held_x = x - mean, held_x - mean
            else:
                to = other if "own" in change else (mean, std)
                x = (x - mean) / std.where(std > 0, 1)
                held_x = (held_x - to[0]) / to[1].where(to[1] > 0, 1)
            targets = F.one_hot(y).double()
            strength = {"none": 1e-9, "times n": ridge * len(y)}
            lam = next((v for k, v in strength.items() if k in change), ridge)
            gram = x.T @ x + lam * torch.eye(x.shape[1], dtype=x.dtype)
            w = torch.linalg.solve(gram, x.T @ (targets - targets.mean(0)))
            if "training rows" in change:
                held_x, held_y = x, y
            right = (held_x @ w + targets.mean(0)).argmax(1) == held_y
            found[layer] = right.double().mean().item()
        if "last" in change:
            found = dict.fromkeys(found, found[layers[-1]])
        return {k: 1 - v for k, v in found.items()} if "errors" in change else found

    return linear_probe_by_depth


for words, identity in {
    "max": "strongest_place_for_the_mean",
    "not scaled": "not_scaled",
    "own": "test_rows_scaled_by_themselves",
    "none": "without_penalty",
    "times n": "penalty_times_examples",
    "training rows": "tested_on_the_training_rows",
    "last": "last_layer_for_all",
    "errors": "errors_for_accuracies",
}.items():
    wrong("linear_probe_by_depth", identity)(probed({words}))

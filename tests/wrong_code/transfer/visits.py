"""Notebook 15: more ways in which a net is looked into and left otherwise than it was."""

import torch
import torch.nn.functional as F
from wrong_code import wrong


def visited(
    find=lambda net, part: dict(net.named_modules())[part], split=True,
    take=lambda outputs, number, name: outputs[number] if isinstance(outputs, tuple) else outputs,
    modes="each", evaluate="net", give=lambda kept: kept[-1], remove=True, swallow=False,
):  # fmt: skip
    """get_activation with one thing changed."""

    def get_activation(model, name, x):
        part, _, number = name.partition(":") if split else (name, "", "")
        kept, before = [], [(m, m.training) for m in model.modules()]
        module = find(model, part)

        def hook(module, inputs, output):
            kept.append(take(output, int(number or 0), name).detach().clone())

        handle = module.register_forward_hook(hook)
        (model if evaluate == "net" else module).eval()
        try:
            with torch.no_grad():
                model(x)
        except RuntimeError:
            if not swallow:
                raise
            return None
        finally:
            if remove:
                handle.remove()
            for m, mode in before:
                m.training = mode
            if modes == "training":
                model.train()
        return give(kept)

    return get_activation


def first_is_one(outputs, number, name):
    return outputs[max(number - 1, 0)] if isinstance(outputs, tuple) else outputs


def by_number(outputs, number, name):
    return outputs[number] if ":" in name or isinstance(outputs, tuple) else outputs


for identity, how in {
    "part_alone_in_evaluation_mode": {"evaluate": "part"},
    "left_in_training_mode": {"modes": "training"},
    "numpy_array": {"give": lambda kept: kept[-1].numpy()},
    "calls_joined": {"give": torch.cat},
    "list_of_all_calls": {"give": list},
    "one_output_too_early": {"take": first_is_one},
    "first_picture_for_the_first_output": {"take": by_number},
    "first_picture_alone": {"take": lambda outputs, number, name: outputs[number]},
    "number_taken_for_a_part_of_the_name": {"split": False},
    "part_asked_for_with_its_number": {
        "split": False, "find": lambda net, part: net.get_submodule(part),
    },
    "end_of_a_name_will_do": {
        "find": lambda net, part: [m for n, m in net.named_modules() if n.endswith(part)][-1],
    },
    "beginning_of_a_name_will_do": {
        "find": lambda net, part: [m for n, m in net.named_modules() if n.startswith(part)][0],
    },
    "error_swallowed": {"swallow": True},
}.items():  # fmt: skip
    wrong("get_activation", identity)(visited(**how))


@wrong("get_activation", "others_hooks_taken_off")
def get_activation(model, name, x):
    found = []
    part = model.get_submodule(name.partition(":")[0])

    def keep(module, inputs, output):
        several = output if isinstance(output, tuple) else (output,)
        found.append(several[int(name.partition(":")[2] or 0)].detach().clone())

    modes = {module: module.training for module in model.modules()}
    part.register_forward_hook(keep)
    try:
        with torch.no_grad():
            model.eval()(x)
    finally:
        part._forward_hooks.clear()
        for module, mode in modes.items():
            module.training = mode
    return found[-1]


@wrong("get_activation", "input_for_output")
def get_activation(model, name, x):
    kept, modes = [], [(m, m.training) for m in model.modules()]
    part = dict(model.named_modules())[name.partition(":")[0]]
    handle = part.register_forward_pre_hook(lambda m, inputs: kept.append(inputs[0].clone()))
    model.eval()
    try:
        with torch.no_grad():
            model(x)
    finally:
        handle.remove()
        for m, mode in modes:
            m.training = mode
    return kept[-1]


def given_out(identity, give):
    """Enter get_activation that keeps `give(output, number)` of what a module gives out."""

    @wrong("get_activation", identity)
    def get_activation(model, name, x):
        kept, modes = [], [(m, m.training) for m in model.modules()]
        part, _, number = name.partition(":")
        handle = model.get_submodule(part).register_forward_hook(
            lambda m, i, o: kept.append(give(o, int(number or 0)))
        )
        model.eval()
        try:
            with torch.no_grad():
                model(x)
        finally:
            handle.remove()
            for m, mode in modes:
                m.training = mode
        return kept[-1]


given_out("one_of_several_changed_in_place",
          lambda out, i: out[i] if isinstance(out, tuple) else out.clone())  # fmt: skip
given_out("single_changed_in_place",
          lambda out, i: out[i].clone() if isinstance(out, tuple) else out)  # fmt: skip


@wrong("get_activation", "children_in_a_row")
def get_activation(model, name, x):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    try:
        with torch.no_grad():
            for child_name, child in model.named_children():
                x = child(x)
                if child_name == name.partition(":")[0]:
                    return x[int(name.partition(":")[2] or 0)] if isinstance(x, tuple) else x
    finally:
        for m, mode in modes:
            m.training = mode
    raise KeyError(name)


LOOK = visited()


def extracted(
    get=LOOK, shape=lambda found, first: found.flatten(1), send=lambda x, device: x.to(device),
    home=lambda rows: rows.cpu(), label=lambda y, device: y, end=lambda f, y: (f, y),
    join=torch.cat, labels_first=False,
):  # fmt: skip
    """extract_features with one thing changed."""

    def extract_features(model, layer, loader, device):
        features, labels = [], []
        if labels_first:
            labels = [y for _, y in loader]
        for x, y in loader:
            found = get(model, layer, send(x, device))
            first = len(features[0]) if features else len(x)
            features.append(home(shape(found, first)))
            if not labels_first:
                labels.append(label(y, device))
        return end(join(features), join(labels))

    return extract_features


def standard(f, y):
    std = f.std(0, correction=0)
    return (f - f.mean(0)) / torch.where(std > 0, std, 1), y


for identity, how in {
    "left_in_training_mode": {"get": visited(modes="training")},
    "hook_left_for_each_batch": {"get": visited(remove=False)},
    "features_stay_on_the_device": {"home": lambda rows: rows},
    "labels_stay_on_the_device": {"label": lambda y, device: y.to(device)},
    "one_long_row": {"shape": lambda found, first: found.flatten()},
    "squeezed": {
        "shape": lambda found, first: found.flatten(1) if found.ndim > 2 else found.squeeze(),
    },
    "stacked": {"join": torch.stack},
    "first_batch_gives_the_size": {"shape": lambda found, first: found.reshape(first, -1)},
    "rows_of_length_one": {"end": lambda f, y: (F.normalize(f, dim=1), y)},
    "features_standardised": {"end": standard},
    "labels_as_a_list": {"end": lambda f, y: (f, y.tolist())},
    "labels_as_an_array": {"end": lambda f, y: (f, y.numpy())},
    "features_as_an_array": {"end": lambda f, y: (f.numpy(), y)},
    "batches_not_joined": {"join": list},
    "number_ignored": {
        "get": visited(take=lambda o, number, name: o[0] if isinstance(o, tuple) else o),
    },
    "features_of_another_pass": {"labels_first": True},
}.items():  # fmt: skip
    wrong("extract_features", identity)(extracted(**how))


@wrong("extract_features", "one_mode_for_all")
def extract_features(model, layer, loader, device):
    was = model.training
    found = extracted()(model, layer, loader, device)
    model.train(was)
    return found


@wrong("extract_features", "hook_left")
def extract_features(model, layer, loader, device):
    model.get_submodule(layer.partition(":")[0]).register_forward_hook(lambda m, i, o: None)
    return extracted()(model, layer, loader, device)


@wrong("extract_features", "first_batch_alone")
def extract_features(model, layer, loader, device):
    for x, y in loader:
        return LOOK(model, layer, x.to(device)).flatten(1).cpu(), y


@wrong("extract_features", "labels_of_the_last_batch")
def extract_features(model, layer, loader, device):
    features = []
    for x, y in loader:  # noqa: B007 - y of the last one is returned
        features.append(LOOK(model, layer, x.to(device)).flatten(1).cpu())
    return torch.cat(features), y


@wrong("extract_features", "data_set_for_loader")
def extract_features(model, layer, loader, device):
    x = torch.stack([x for x, _ in loader.dataset])
    y = torch.tensor([y for _, y in loader.dataset])
    return LOOK(model, layer, x.to(device)).flatten(1).cpu(), y


def one_hook(change):
    """extract_features with one hook for the whole pass."""

    def extract_features(model, layer, loader, device):
        part, _, number = layer.partition(":")
        kept, features, labels = [], [], []
        modes = [(m, m.training) for m in model.modules()]

        def hook(module, inputs, output):
            output = output[int(number or 0)] if isinstance(output, tuple) else output
            kept.append(output if change == "no copy" else output.clone())

        handle = model.get_submodule(part).register_forward_hook(hook)
        model.eval()
        with torch.no_grad():
            for x, y in loader:
                model(x.to(device))
                if change == "no copy":
                    features.append(kept[-1].flatten(1).cpu())
                labels.append(y)
        handle.remove()
        for m, mode in modes:
            m.training = mode
        if change == "every call":
            features = [block.flatten(1).cpu() for block in kept]
        return torch.cat(features), torch.cat(labels)

    return extract_features


wrong("extract_features", "changed_in_place")(one_hook("no copy"))
wrong("extract_features", "rows_of_every_call")(one_hook("every call"))


@wrong("extract_features", "graph_kept")
def extract_features(model, layer, loader, device):
    features, labels = extracted()(model, layer, loader, device)
    return features.requires_grad_(), labels
